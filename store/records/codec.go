package records

import (
	"errors"
	"fmt"
)

// Codec seals what is personal before it is stored, and opens it again. place says which value of which record it is,
// the same in both calls, so that a codec can bind a value to its place or choose a key by it. Both must be safe for
// concurrent use.
type Codec interface {
	Seal(place string, plain []byte) ([]byte, error)
	Open(place string, sealed []byte) ([]byte, error)
}

// Plain is the codec that hides nothing: one byte for the version of the form, then the value. The byte is what lets a
// database be encrypted later, row by row.
type Plain struct{}

// plainForm is the first byte of what Plain seals.
const plainForm = 1

// Seal puts the version in front.
func (Plain) Seal(_ string, plain []byte) ([]byte, error) {
	return append(append(make([]byte, 0, len(plain)+1), plainForm), plain...), nil
}

// Open takes the version off; an error when it is another one.
func (Plain) Open(_ string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != plainForm {
		return nil, errors.New("the value was sealed in another way")
	}
	return sealed[1:], nil
}

// seal seals a value; an empty one is stored as NULL, since an empty value tells nothing.
func (r *Records) seal(place string, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	sealed, err := r.codec.Seal(place, plain)
	if err != nil {
		return nil, fmt.Errorf("seal a value: %w", err)
	}
	return sealed, nil
}

func (r *Records) open(place string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	plain, err := r.codec.Open(place, sealed)
	if err != nil {
		return nil, fmt.Errorf("open a sealed value: %w", err)
	}
	return plain, nil
}

// place names a column of a record for the codec.
func place(table, id, column string) string { return table + "/" + id + "/" + column }
