package publish

import (
	"crypto/sha1" //nolint:gosec // version 5 of RFC 9562 is made with SHA-1; it names things and secures nothing
	"encoding/hex"
	"strings"
)

// uuid is an id of the API in bytes: there are many of them.
type uuid [16]byte

// space is the namespace of the ids that are made here. Changing it would rename every listing for every client.
func space() uuid {
	return uuid{0x5b, 0x0c, 0x1f, 0x5e, 0x3c, 0x9d, 0x5a, 0x55, 0x9a, 0x1e, 0x0f, 0x52, 0x4a, 0x3d, 0x77, 0xd1}
}

// derived is the UUID, version 5, of a kind of thing and its name. The same for the same, for ever.
func derived(kind string, name ...string) uuid {
	s := space()
	h := sha1.New() //nolint:gosec // as above
	h.Write(s[:])
	h.Write([]byte(kind))
	for _, n := range name {
		h.Write([]byte{0})
		h.Write([]byte(n))
	}
	var u uuid
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

// parseUUID reads "5b0c1f5e-3c9d-...", in either case.
func parseUUID(s string) (u uuid, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, false
	}
	n, err := hex.Decode(u[:], []byte(strings.ReplaceAll(s, "-", "")))
	return u, err == nil && n == len(u)
}

// idOf keeps an id that is a UUID and derives one from any other.
func idOf(kind, id string) uuid {
	if u, ok := parseUUID(id); ok {
		return u
	}
	return derived(kind, id)
}

func (u uuid) String() string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
