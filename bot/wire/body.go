package wire

import (
	"errors"
	"io"
	"net/http"
)

// MaxBody is how long the body of a request may be (C11).
const MaxBody = 1 << 20

// Body reads what a network posts, once it has proven who it is. Where there is nothing to read, or too much, it has
// answered: false.
func Body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return nil, false
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return nil, false
	} else if err != nil {
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return nil, false
	}
	return raw, true
}
