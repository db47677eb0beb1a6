package feeds

import (
	"context"
	"fmt"
	"io"

	"handrail"
)

// Picture fetches what is at an https address, at most so many bytes of it, with the same guard as feeds: never from a
// private network, never from https to http, never in a circle (C13).
func (c *Client) Picture(ctx context.Context, address string, most int64) ([]byte, error) {
	u, err := parseURL(nil, address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" {
		return nil, handrail.Errorf(handrail.KindInvalid, "A picture's address must begin with https.", "fetch a picture: not https")
	}
	a, err := (&visit{c: c}).follow(ctx, u, "")
	if err != nil {
		return nil, explain(err)
	}
	defer a.Close()
	data, err := io.ReadAll(io.LimitReader(a, most+1))
	if err != nil {
		return nil, fmt.Errorf("fetch a picture: %w", err)
	}
	if int64(len(data)) > most {
		return nil, tooLarge()
	}
	return data, nil
}
