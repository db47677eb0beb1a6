package directory

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"handrail"
	"handrail/directory/postcode"
)

// The bounds of a postcode file (B24). The real ones: 2.7 million rows, 1.5 GB plain, packed to about a tenth.
const (
	maxPlain      = 6 << 30 // bytes after unpacking
	maxRatio      = 100     // unpacked to packed, once there is enough to judge
	ratioFrom     = 64 << 20
	maxEntries    = 5000
	maxLine       = 16 << 10
	postcodeBunch = 10_000 // points handed over at a time: the store makes a transaction of them, and each waits for the disk
	badLinesTold  = 10
)

// Report is what an import of postcodes came to.
type Report struct {
	Postcodes  int // full postcodes handed over
	Terminated int // of those, no longer in use
	Sectors    int
	Outcodes   int
	NoPosition int // rows without a position, left out
	Bad        int // lines that could not be read
	FirstBad   []BadLine
}

// BadLine is a line that could not be read.
type BadLine struct {
	Line   int
	Reason string // holds nothing of the line itself
}

// ReadPostcodes streams a file of postcodes to each, a bunch at a time: NSPL or ONSPD as the ONS publishes them, or
// Code-Point Open as the Ordnance Survey does, or the simple layout postcode,lat,lon; plain, .gz, or .zip with the CSV
// inside. After the postcodes come the middles of the
// sectors and outcodes, made of the postcodes in use. each must not keep the slice. Memory does not grow with the file.
//
// A line that cannot be read is counted and left out. An error means that the reading stopped: what was handed over by
// then stays handed over, and the import may be repeated from the start.
func ReadPostcodes(ctx context.Context, file string, each func([]handrail.PostcodePoint) error) (_ Report, err error) {
	f, err := os.Open(file)
	if err != nil {
		return Report{}, fmt.Errorf("read postcodes: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var magic [4]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Report{}, fmt.Errorf("read postcodes: %w", err)
	}
	if !bytes.HasPrefix(magic[:n], []byte("PK\x03\x04")) {
		return ReadPostcodesFrom(ctx, f, each)
	}
	entries, err := postcodeEntries(f)
	if err != nil {
		return Report{}, err
	}
	packed := int64(0)
	for _, e := range entries {
		packed += int64(e.CompressedSize64)
	}
	in := &oneAfterTheOther{entries: entries}
	defer func() { err = errors.Join(err, in.Close()) }()
	return readPostcodes(ctx, &bounded{r: in, packed: func() int64 { return packed }}, each)
}

// ReadPostcodesFrom is ReadPostcodes of a stream, plain or gzip. A zip needs a file.
func ReadPostcodesFrom(ctx context.Context, r io.Reader, each func([]handrail.PostcodePoint) error) (Report, error) {
	counted := &counter{r: r}
	b := bufio.NewReaderSize(counted, 64<<10)
	magic, _ := b.Peek(2) // fewer bytes are simply not gzip
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return readPostcodes(ctx, &bounded{r: b}, each)
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return Report{}, handrail.Errorf(handrail.KindInvalid, "That file looks packed but cannot be unpacked.", "read postcodes: gzip: %w", err)
	}
	return readPostcodes(ctx, &bounded{r: z, packed: func() int64 { return counted.n }}, each)
}

// postcodeEntries finds the CSVs of a zip that hold the postcodes: of Code-Point Open one an area, in their order;
// otherwise the largest one that is no per-area copy. Nothing is unpacked to disk, so names with ".." do no harm, and a
// zip inside the zip is not opened.
func postcodeEntries(f *os.File) ([]*zip.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read postcodes: %w", err)
	}
	if n := zipEntries(f, info.Size()); n > maxEntries {
		return nil, handrail.Errorf(handrail.KindInvalid, "That zip holds too many files to be a postcode directory.",
			"read postcodes: zip with %d entries", n)
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, handrail.Errorf(handrail.KindInvalid, "That zip cannot be read.", "read postcodes: zip: %w", err)
	}
	var best *zip.File
	var areas []*zip.File
	area := regexp.MustCompile(`(^|/)data/csv/[a-z]{1,2}\.csv$`)
	for _, e := range z.File {
		low := strings.ToLower(e.Name)
		if path.Ext(low) != ".csv" || strings.Contains(low, "multi_csv") || strings.Contains(low, "documents/") {
			continue
		}
		if area.MatchString(low) {
			areas = append(areas, e)
		}
		if best == nil || e.UncompressedSize64 > best.UncompressedSize64 {
			best = e
		}
	}
	switch {
	case len(areas) > 0:
		slices.SortFunc(areas, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
		return areas, nil
	case best == nil:
		return nil, handrail.Errorf(handrail.KindInvalid, "There is no CSV file in that zip.", "read postcodes: zip without a CSV")
	}
	return []*zip.File{best}, nil
}

// oneAfterTheOther reads the files of a zip as one, with the end of a line between them.
type oneAfterTheOther struct {
	entries []*zip.File
	open    io.ReadCloser
}

func (o *oneAfterTheOther) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if o.open == nil {
		if len(o.entries) == 0 {
			return 0, io.EOF
		}
		in, err := o.entries[0].Open()
		if err != nil {
			return 0, fmt.Errorf("read postcodes: open a file of the zip: %w", err)
		}
		o.open, o.entries = in, o.entries[1:]
	}
	n, err := o.open.Read(p)
	switch {
	case err == nil || !errors.Is(err, io.EOF):
		return n, err
	case n > 0:
		return n, nil // the end is told the next time
	}
	if err := o.Close(); err != nil {
		return 0, err
	}
	p[0] = '\n'
	return 1, nil
}

// Close closes the file that is open, if one is.
func (o *oneAfterTheOther) Close() error {
	if o.open == nil {
		return nil
	}
	err := o.open.Close()
	o.open = nil
	return err
}

// zipEntries reads how many files a zip says it holds from its end record, before anything is allocated for them.
func zipEntries(f io.ReaderAt, size int64) int {
	tail := make([]byte, min(size, 22+65535))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0 // archive/zip will say what is wrong
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+12 > len(tail) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(tail[at+10:])) // 65535 stands for "more"
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded stops an unpacking that grows beyond all reason.
type bounded struct {
	r      io.Reader
	packed func() int64 // nil when nothing is unpacked
	n      int64
}

var errBomb = handrail.Errorf(handrail.KindInvalid, "That file unpacks to far more than a postcode directory can be.", "read postcodes: unpacks beyond its bounds")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > maxPlain || (b.packed != nil && b.n > ratioFrom && b.n > maxRatio*max(b.packed(), 1)) {
		return 0, errBomb
	}
	return n, err
}

// columns says where in a row things are; -1 where they are not.
type columns struct{ postcode, lat, lon, ended, grid, east, north, quality, last int }

// columnsOf reads the header. The names changed over the years and carry years themselves.
func columnsOf(header []string) (columns, bool) {
	c := columns{-1, -1, -1, -1, -1, -1, -1, -1, 0}
	rank := 9
	for i, name := range header {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")), `"`))
		switch name {
		case "pcds", "postcode", "pcd2", "pcd8", "pcd", "pcd7", "pc":
			if r := slices.Index([]string{"pcds", "postcode", "pcd8", "pcd2", "pcd", "pcd7", "pc"}, name); r < rank {
				rank, c.postcode = r, i
			}
		case "lat", "latitude":
			c.lat = i
		case "long", "lon", "lng", "longitude":
			c.lon = i
		case "doterm":
			c.ended = i
		case "osgrdind", "gridind":
			c.grid = i
		case "eastings", "easting", "ea", "oseast1m":
			c.east = i
		case "northings", "northing", "no", "osnrth1m":
			c.north = i
		case "positional_quality_indicator", "pq":
			c.quality = i
		}
	}
	c.last = max(c.postcode, c.lat, c.lon, c.ended, c.grid)
	if c.lat < 0 || c.lon < 0 {
		c.lat, c.lon = -1, -1
		c.last = max(c.last, c.east, c.north, c.quality)
		return c, c.postcode >= 0 && c.east >= 0 && c.north >= 0
	}
	return c, c.postcode >= 0
}

// codePoint is the layout of Code-Point Open, which has no header, if a row is one of it: a postcode, a quality, an
// easting and a northing, and six codes.
func codePoint(row []string) (columns, bool) {
	if len(row) != 10 {
		return columns{}, false
	}
	for _, number := range row[1:4] {
		if n, err := strconv.Atoi(number); err != nil || n < 0 {
			return columns{}, false
		}
	}
	code, err := postcode.Parse(row[0])
	return columns{postcode: 0, quality: 1, east: 2, north: 3, lat: -1, lon: -1, ended: -1, grid: -1, last: 3}, err == nil && code.Kind == postcode.Full
}

func readPostcodes(ctx context.Context, in io.Reader, each func([]handrail.PostcodePoint) error) (Report, error) {
	var report Report
	lines := lineReader{b: bufio.NewReaderSize(in, maxLine)}
	header, _, err := lines.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return report, readError(err)
	}
	fields := fieldsOf(strings.ToValidUTF8(string(header), ""), nil)
	c, ok := columnsOf(fields)
	if !ok {
		if c, ok = codePoint(fields); ok {
			lines.again() // the first line is a postcode
		}
	}
	if !ok {
		return report, handrail.Errorf(handrail.KindInvalid,
			"I cannot find columns for postcode, latitude and longitude in the first line of that file.", "read postcodes: no such header")
	}
	middles := middles{}
	bunch := make([]handrail.PostcodePoint, 0, postcodeBunch)
	hand := func() error {
		if len(bunch) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read postcodes: %w", err)
		}
		err := each(bunch)
		bunch = bunch[:0]
		return err
	}
	for {
		line, tooLong, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return report, readError(err)
		}
		if len(line) == 0 {
			continue
		}
		reason := "the line is too long"
		var p handrail.PostcodePoint
		if !tooLong {
			p, reason = c.point(string(line), &fields)
		}
		switch reason {
		case "":
		case noPosition:
			report.NoPosition++
			continue
		default:
			if report.Bad++; len(report.FirstBad) < badLinesTold {
				report.FirstBad = append(report.FirstBad, BadLine{lines.n, reason})
			}
			continue
		}
		report.Postcodes++
		if p.Terminated {
			report.Terminated++
		}
		middles.add(p)
		if bunch = append(bunch, p); len(bunch) == cap(bunch) {
			if err := hand(); err != nil {
				return report, err
			}
		}
	}
	for _, p := range middles.points() {
		if strings.Contains(p.Postcode, " ") {
			report.Sectors++
		} else {
			report.Outcodes++
		}
		if bunch = append(bunch, p); len(bunch) == cap(bunch) {
			if err := hand(); err != nil {
				return report, err
			}
		}
	}
	return report, hand()
}

func readError(err error) error {
	if handrail.IsKind(err, handrail.KindInvalid) {
		return err
	}
	return handrail.Errorf(handrail.KindInvalid, "The file stops before its end, so it may not be whole.", "read postcodes: %w", err)
}

const noPosition = "no position"

// point reads one row; reason says why not.
func (c columns) point(line string, fields *[]string) (p handrail.PostcodePoint, reason string) {
	*fields = fieldsOf(line, (*fields)[:0])
	row := *fields
	if len(row) <= c.last {
		return p, "it has too few columns"
	}
	code, err := postcode.Parse(row[c.postcode])
	if err != nil || code.Corrected || !strings.Contains(code.Text, " ") || code.Kind == postcode.Sector {
		return p, "its postcode is not one"
	}
	if code.Kind != postcode.Full {
		return p, noPosition // GIR 0AA and the forces: what the file says is where their mail is sorted
	}
	if c.grid >= 0 && row[c.grid] == "9" {
		return p, noPosition
	}
	p = handrail.PostcodePoint{Postcode: code.Text, Points: 1}
	p.Terminated = c.ended >= 0 && row[c.ended] != ""
	if c.lat < 0 {
		p.At, reason = c.onGrid(row, code)
	} else {
		p.At, reason = c.onGlobe(row)
	}
	if reason == "" && (p.At.Lat < 49 || p.At.Lat > 61.5 || p.At.Lon < -9 || p.At.Lon > 2.5) {
		reason = "its position is not in the United Kingdom"
	}
	return p, reason
}

// onGlobe reads latitude and longitude.
func (c columns) onGlobe(row []string) (handrail.Point, string) {
	if row[c.lat] == "" || row[c.lon] == "" {
		return handrail.Point{}, noPosition
	}
	lat, err1 := strconv.ParseFloat(row[c.lat], 64)
	lon, err2 := strconv.ParseFloat(row[c.lon], 64)
	switch {
	case err1 != nil || err2 != nil || math.IsNaN(lat) || math.IsNaN(lon):
		return handrail.Point{}, "its position is no number"
	case lat > 99 || (lat == 0 && lon == 0): // 99.999999 and 0.000000 stand for none
		return handrail.Point{}, noPosition
	}
	return handrail.Point{Lat: lat, Lon: lon}, ""
}

// worstQuality is Code-Point Open's mark for a postcode without a position.
const worstQuality = "90"

// onGrid reads an easting and a northing. Those of Northern Ireland are on another grid, and left out.
func (c columns) onGrid(row []string, code postcode.Code) (handrail.Point, string) {
	if c.quality >= 0 && row[c.quality] == worstQuality || code.NorthernIreland() || row[c.east] == "" || row[c.north] == "" {
		return handrail.Point{}, noPosition
	}
	east, err1 := strconv.ParseFloat(row[c.east], 64)
	north, err2 := strconv.ParseFloat(row[c.north], 64)
	switch {
	case err1 != nil || err2 != nil || math.IsNaN(east) || math.IsNaN(north):
		return handrail.Point{}, "its position is no number"
	case east == 0 && north == 0:
		return handrail.Point{}, noPosition
	case east < 0 || east > 700_000 || north < 0 || north > 1_300_000: // the grid ends there
		return handrail.Point{}, "its position is not in the United Kingdom"
	}
	return fromNationalGrid(east, north), ""
}

// lineReader gives lines without holding more than one, however long the file's lines are.
type lineReader struct {
	b    *bufio.Reader
	n    int
	last []byte // what next gave
	held bool   // next gives it once more
}

// again makes next give its last line once more.
func (l *lineReader) again() { l.held = true }

func (l *lineReader) next() (line []byte, tooLong bool, err error) {
	if l.held {
		l.held = false
		return l.last, false, nil
	}
	line, err = l.b.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = l.b.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) && (len(line) > 0 || tooLong) {
		err = nil
	}
	l.n++
	l.last = bytes.TrimRight(line, "\r\n")
	return l.last, tooLong, err
}

// fieldsOf splits a line of CSV. The files have no line breaks inside fields and hardly any quotes.
func fieldsOf(line string, into []string) []string {
	for {
		if strings.HasPrefix(line, `"`) {
			end := strings.IndexByte(line[1:], '"')
			if end < 0 {
				return append(into, line[1:])
			}
			into = append(into, strings.TrimSpace(line[1:1+end]))
			line = line[end+2:]
			if !strings.HasPrefix(line, ",") {
				return into
			}
			line = line[1:]
			continue
		}
		field, rest, more := strings.Cut(line, ",")
		into = append(into, strings.TrimSpace(field))
		if !more {
			return into
		}
		line = rest
	}
}
