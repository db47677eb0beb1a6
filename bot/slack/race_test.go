//go:build race

package slack_test

const raced = true
