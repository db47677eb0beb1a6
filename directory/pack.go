package directory

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"handrail"
)

// packer turns values of one type into bytes and back. The index keeps its listings packed: two hundred thousand of them
// unpacked are hundreds of megabytes of pointers for the garbage collector to walk, and a search shows ten.
//
// It works from the type itself, so a field that somebody adds to a listing tomorrow is kept without anybody thinking of
// it here. Only what is not zero is written: the number of the field, then its value. The strings of what is unpacked
// share the memory of what it was unpacked from.
type packer struct {
	kind   reflect.Kind
	isTime bool
	elem   *packer   // of a slice or a pointer
	fields []*packer // of a struct, in order
}

// newPacker reads a type. It panics on one that no listing should have (a map, an interface, a hidden field): that is a
// mistake of whoever changed the listing, and every test of this package tells them.
func newPacker(t reflect.Type) *packer {
	p := &packer{kind: t.Kind()}
	switch p.kind {
	case reflect.String, reflect.Bool, reflect.Float64, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	case reflect.Slice, reflect.Pointer:
		p.elem = newPacker(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			p.isTime = true
			return p
		}
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				panic(fmt.Sprintf("directory: %v has a hidden field and cannot be packed", t))
			}
			p.fields = append(p.fields, newPacker(t.Field(i).Type))
		}
	default:
		panic(fmt.Sprintf("directory: %v cannot be packed", t))
	}
	return p
}

// pack appends a value.
func (p *packer) pack(b []byte, v reflect.Value) []byte {
	switch p.kind {
	case reflect.String:
		s := v.String()
		b = binary.AppendUvarint(b, uint64(len(s)))
		return append(b, s...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.Slice:
		n := v.Len()
		b = binary.AppendUvarint(b, uint64(n))
		for i := range n {
			b = p.elem.pack(b, v.Index(i))
		}
		return b
	case reflect.Pointer: // a nil one is zero, and a zero one inside a slice is written as 0
		if v.IsNil() {
			return append(b, 0)
		}
		return p.elem.pack(append(b, 1), v.Elem())
	case reflect.Struct:
		if p.isTime {
			t, _ := v.Interface().(time.Time)
			b = binary.AppendVarint(b, t.Unix())
			return binary.AppendUvarint(b, uint64(t.Nanosecond()))
		}
		for i, f := range p.fields {
			if fv := v.Field(i); !fv.IsZero() {
				b = f.pack(binary.AppendUvarint(b, uint64(i+1)), fv)
			}
		}
		return append(b, 0)
	}
	if v.CanInt() {
		return binary.AppendVarint(b, v.Int())
	}
	return binary.AppendUvarint(b, v.Uint())
}

// unpack reads into v, which must be zero, and returns what follows. It trusts its bytes: they never leave the process.
func (p *packer) unpack(b []byte, v reflect.Value) []byte {
	switch p.kind {
	case reflect.String:
		n, used := binary.Uvarint(b)
		if n > 0 {
			v.SetString(unsafe.String(&b[used], int(n))) //nolint:gosec // The bytes are never written again.
		}
		return b[used+int(n):]
	case reflect.Bool:
		v.SetBool(b[0] == 1)
		return b[1:]
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(b)))
		return b[8:]
	case reflect.Slice:
		n, used := binary.Uvarint(b)
		b = b[used:]
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		for i := range int(n) {
			b = p.elem.unpack(b, v.Index(i))
		}
		return b
	case reflect.Pointer:
		if b[0] == 0 {
			return b[1:]
		}
		v.Set(reflect.New(v.Type().Elem()))
		return p.elem.unpack(b[1:], v.Elem())
	case reflect.Struct:
		if p.isTime {
			sec, n := binary.Varint(b)
			nano, m := binary.Uvarint(b[n:])
			v.Set(reflect.ValueOf(time.Unix(sec, int64(nano)).UTC()))
			return b[n+m:]
		}
		for {
			i, used := binary.Uvarint(b)
			b = b[used:]
			if i == 0 {
				return b
			}
			b = p.fields[i-1].unpack(b, v.Field(int(i-1)))
		}
	}
	if v.CanInt() {
		n, used := binary.Varint(b)
		v.SetInt(n)
		return b[used:]
	}
	n, used := binary.Uvarint(b)
	v.SetUint(n)
	return b[used:]
}

// chunkSize is how many bytes of listings share one piece of memory.
const chunkSize = 1 << 20

// archive keeps packed listings. It grows while an index is made and is only read afterwards.
type archive struct {
	packer *packer
	chunks [][]byte
}

// archived says where a listing begins: the number of the chunk, then the offset in it. Four gigabytes of listings have
// room.
type archived uint32

// keep packs a listing.
func (ar *archive) keep(a *handrail.Activity) archived {
	last := len(ar.chunks) - 1
	if last < 0 || len(ar.chunks[last]) >= chunkSize {
		ar.trim(last)
		room := chunkSize + chunkSize/16
		if last < 0 {
			room = 0 // an index of a few listings should be as small as they are
		}
		ar.chunks = append(ar.chunks, make([]byte, 0, room))
		last++
	}
	at := archived(last*chunkSize + len(ar.chunks[last]))
	b := binary.AppendUvarint(ar.chunks[last], uint64(len(a.ID)))
	b = append(b, a.ID...)
	ar.chunks[last] = ar.packer.pack(b, reflect.ValueOf(a).Elem())
	return at
}

// trim gives back what a chunk has too much of.
func (ar *archive) trim(i int) {
	if i < 0 {
		return
	}
	if c := ar.chunks[i]; cap(c)-len(c) > chunkSize/32 {
		ar.chunks[i] = append(make([]byte, 0, len(c)), c...)
	}
}

func (ar *archive) bytes(at archived) []byte { return ar.chunks[at/chunkSize][at%chunkSize:] }

// id is the listing's id, without unpacking the rest.
func (ar *archive) id(at archived) handrail.ActivityID {
	b := ar.bytes(at)
	n, used := binary.Uvarint(b)
	if n == 0 {
		return ""
	}
	return handrail.ActivityID(unsafe.String(&b[used], int(n))) //nolint:gosec // The bytes are never written again.
}

// listing unpacks a listing. It is the caller's own, but for its strings, which nobody can change.
func (ar *archive) listing(at archived) handrail.Activity {
	b := ar.bytes(at)
	n, used := binary.Uvarint(b)
	var a handrail.Activity
	ar.packer.unpack(b[used+int(n):], reflect.ValueOf(&a).Elem())
	return a
}
