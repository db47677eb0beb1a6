// Package wire is what every channel needs to call a network over HTTP: a client that follows no redirect, a request that
// tells whether it was written, and the error of a call that failed, whose words hold no token and nobody's words.
//
//	c := wire.Client(nil)
//	resp, wrote, err := wire.Do(c, req)
//	if err != nil {
//		return wire.Lost(req.Context(), "telegram", "sendMessage", err, wrote) // may it have arrived?
//	}
package wire
