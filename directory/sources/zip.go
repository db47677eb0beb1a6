package sources

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"handrail"
)

// The bounds of an archive (B24). Everything is refused by what the directory of the archive says, before anything is
// unpacked; archive/zip gives no more of an entry than its directory promised.
const (
	maxArchive      = 48 << 20  // bytes of the file itself
	maxEntries      = 2000      // a workbook has a few dozen
	maxUnpacked     = 160 << 20 // bytes of all entries
	maxRatio        = 120       // of an entry of more than a megabyte; real sheets come to 10 or 20
	maxDirectory    = 1 << 20   // bytes of the archive's directory
	endOfDirectory  = 22        // bytes of its last record, without the comment
	longestComment  = 1<<16 - 1
	tooManyEntries  = "That file holds far too many parts to be a table."
	tooLargeArchive = "That file is too large to be a table, or unpacks to something too large."
)

// openArchive opens a zip archive that came from outside.
func openArchive(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if size > maxArchive {
		return nil, handrail.Errorf(handrail.KindInvalid, tooLargeArchive, "open an archive: %d bytes", size)
	}
	if err := checkDirectory(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // a bad path is harmless to who unpacks nothing
		return nil, handrail.Errorf(handrail.KindInvalid, "That file is not whole, or is not a file of this kind.", "open an archive: %w", err)
	}
	if len(archive.File) > maxEntries {
		return nil, handrail.Errorf(handrail.KindInvalid, tooManyEntries, "open an archive: %d entries", len(archive.File))
	}
	var packed, unpacked uint64
	for _, f := range archive.File {
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64 || f.UncompressedSize64 > maxUnpacked || unpacked > maxUnpacked {
			return nil, handrail.Errorf(handrail.KindInvalid, tooLargeArchive, "open an archive: it unpacks to too much")
		}
	}
	if packed > uint64(size) { // entries that share their bytes
		return nil, handrail.Errorf(handrail.KindInvalid, tooLargeArchive, "open an archive: its entries overlap")
	}
	return archive, nil
}

// checkDirectory looks at the end of the archive, since archive/zip reads the whole directory before it can be asked how
// many entries there are, and a million of them take a gigabyte.
func checkDirectory(r io.ReaderAt, size int64) error {
	notWhole := func(why string) error {
		return handrail.Errorf(handrail.KindInvalid, "That file is not whole, or is not a file of this kind.", "open an archive: %s", why)
	}
	tail := make([]byte, min(size, endOfDirectory+longestComment))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) || n < len(tail) {
		return fmt.Errorf("open an archive: read its end: %w", err)
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endOfDirectory {
		return notWhole("it has no directory")
	}
	end := tail[at:]
	position := size - int64(len(tail)-at)
	entries := binary.LittleEndian.Uint16(end[10:])
	length, start := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	// The larger of what it says and of what there is room for: it may lie about both.
	if entries > maxEntries || length > maxDirectory || start > position || position-start > maxDirectory {
		return handrail.Errorf(handrail.KindInvalid, tooManyEntries, "open an archive: %d entries in %d bytes", entries, max(length, position-start))
	}
	return nil
}

// readEntry reads an entry of at most limit bytes.
func readEntry(f *zip.File, limit int64) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("read an archive: %w", err)
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read an archive: %w", err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("read an archive: a part of it has more than %d bytes", limit)
	}
	return raw, nil
}

// inFull reads an archive that comes as a stream.
func inFull(r io.Reader) (*bytes.Reader, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxArchive+1))
	if err != nil {
		return nil, fmt.Errorf("read an archive: %w", err)
	}
	return bytes.NewReader(raw), nil // one that is too large is refused by openArchive
}
