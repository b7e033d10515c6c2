package executable

import "encoding/binary"

// wasmBytes is what is left of a section.
type wasmBytes []byte

// number takes a number from the front; what is malformed leaves nothing.
func (b *wasmBytes) number() uint64 {
	v, n := binary.Uvarint(*b)
	if n <= 0 {
		*b = nil
		return 0
	}
	*b = (*b)[n:]
	return v
}

func (b *wasmBytes) name() string {
	n := b.number()
	if n > uint64(len(*b)) {
		*b = nil
		return ""
	}
	name := string((*b)[:n])
	*b = (*b)[n:]
	return name
}

// skipType steps over what an import is, where it is a function, a table, a
// memory, a global or a tag.
func (b *wasmBytes) skipType() bool {
	kind := (*b)[0]
	*b = (*b)[1:]
	switch kind {
	case 0:
		b.number()
	case 1:
		b.number()
		b.limits()
	case 2:
		b.limits()
	case 3, 4:
		b.number()
		b.number()
	default:
		return false
	}
	return true
}

// limits steps over a size with or without an upper bound, and a page size.
func (b *wasmBytes) limits() {
	flags := b.number()
	b.number()
	if flags&1 != 0 {
		b.number()
	}
	if flags&8 != 0 {
		b.number()
	}
}
