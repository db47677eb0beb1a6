//go:build !race

package slack_test

const raced = false // the detector slows everything down: nothing is measured under it
