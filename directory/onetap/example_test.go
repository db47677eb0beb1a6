package onetap_test

import (
	"fmt"
	"time"

	"handrail"
	"handrail/directory/onetap"
)

func ExampleLinks_Address() {
	links, err := onetap.NewLinks(make([]byte, 32), "https://handrail.example/still-on")
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := handrail.Ask{ID: "ask_mzxw6ytboi3tcmbq", Activity: "tuesday-gardeners", AskedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	address, err := links.Address(ask)
	fmt.Println(address, err)
	// Output: https://handrail.example/still-on/AQHJQxBhc2tfbXp4dzZ5dGJvaTN0Y21ica3JJ7FR3wGTDF5ttWII5Zs <nil>
}
