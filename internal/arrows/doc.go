// Package arrows holds the house's arrows: which room may import which. It has no code but its test, so that go test
// alone refuses an arrow that points the wrong way, with no linter at hand. .golangci.yml says the same to editors.
//
// A new arrow is a decision: change the table in arrows_test.go and .golangci.yml together, and say why in
// docs/decisions.
//
//	go test ./internal/arrows
package arrows
