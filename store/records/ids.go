package records

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"handrail"
)

// letters is Crockford's alphabet in lower case: 32 characters without i, l, o and u, so that what is read aloud or
// copied by hand stays what it was.
const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// random returns n random characters of the alphabet, five bits each.
func (r *Records) random(n int) (string, error) {
	b := make([]byte, (n*5+7)/8)
	r.randMu.Lock()
	_, err := io.ReadFull(r.rand, b)
	r.randMu.Unlock()
	if err != nil {
		return "", fmt.Errorf("draw random bytes: %w", err)
	}
	return base32.NewEncoding(letters).WithPadding(base32.NoPadding).EncodeToString(b)[:n], nil
}

// newID returns prefix and 80 random bits: "pat_7kq2m9x0c4h8wz1n".
func (r *Records) newID(prefix string) (string, error) {
	s, err := r.random(16)
	return prefix + s, err
}

// setID gives a record its id when it has none.
func setID[ID ~string](r *Records, id *ID, prefix string) error {
	if *id != "" {
		return nil
	}
	s, err := r.newID(prefix)
	*id = ID(s)
	return err
}

// hash is the keyed hash under which a value can be found without being stored: 32 hexadecimal characters. The field
// goes into it, so that the same words in two fields do not look alike.
func (r *Records) hash(practice handrail.PracticeID, field, value string) string {
	m := hmac.New(sha256.New, r.key)
	_, _ = io.WriteString(m, string(practice)+"\x1f"+field+"\x1f"+value) // a hash never fails
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// ConversationKey is the name of a conversation: a keyed hash of its address, from which the address cannot be learnt.
// It is also how outbox and inbox refer to an address.
func (r *Records) ConversationKey(addr handrail.Address) string {
	return r.hash(addr.Practice, "address", addr.Key())
}

// folded is a name as it is compared: without case, width and stray spaces.
func folded(name string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(name))), " ")
}
