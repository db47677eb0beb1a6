package directory

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
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
	postcodeBunch = 2000 // points handed over at a time
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

// ReadPostcodes streams a file of postcodes to each, a bunch at a time: NSPL or ONSPD as the ONS publishes them, plain,
// .gz, or .zip with the CSV inside, or the simple layout postcode,lat,lon. After the postcodes come the middles of the
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
	entry, err := postcodeEntry(f)
	if err != nil {
		return Report{}, err
	}
	in, err := entry.Open()
	if err != nil {
		return Report{}, fmt.Errorf("read postcodes: open the zip's file: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return readPostcodes(ctx, &bounded{r: in, packed: func() int64 { return int64(entry.CompressedSize64) }}, each)
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

// postcodeEntry finds the one CSV of a zip: the largest under Data, not one of the per-area copies. Nothing is unpacked
// to disk, so names with ".." do no harm, and a zip inside the zip is not opened.
func postcodeEntry(f *os.File) (*zip.File, error) {
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
	for _, e := range z.File {
		low := strings.ToLower(e.Name)
		if path.Ext(low) != ".csv" || strings.Contains(low, "multi_csv") || strings.Contains(low, "documents/") {
			continue
		}
		if best == nil || cmp.Compare(e.UncompressedSize64, best.UncompressedSize64) > 0 {
			best = e
		}
	}
	if best == nil {
		return nil, handrail.Errorf(handrail.KindInvalid, "There is no CSV file in that zip.", "read postcodes: zip without a CSV")
	}
	return best, nil
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
type columns struct{ postcode, lat, lon, ended, grid, last int }

// columnsOf reads the header. The names changed over the years and carry years themselves.
func columnsOf(header []string) (columns, bool) {
	c := columns{-1, -1, -1, -1, -1, 0}
	rank := 9
	for i, name := range header {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")), `"`))
		switch name {
		case "pcds", "postcode", "pcd2", "pcd8", "pcd", "pcd7":
			if r := slices.Index([]string{"pcds", "postcode", "pcd8", "pcd2", "pcd", "pcd7"}, name); r < rank {
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
		}
	}
	c.last = max(c.postcode, c.lat, c.lon, c.ended, c.grid)
	return c, c.postcode >= 0 && c.lat >= 0 && c.lon >= 0
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
	if c.grid >= 0 && row[c.grid] == "9" {
		return p, noPosition
	}
	lat, err1 := strconv.ParseFloat(row[c.lat], 64)
	lon, err2 := strconv.ParseFloat(row[c.lon], 64)
	switch {
	case row[c.lat] == "" || row[c.lon] == "":
		return p, noPosition
	case err1 != nil || err2 != nil || math.IsNaN(lat) || math.IsNaN(lon):
		return p, "its position is no number"
	case lat > 99 || (lat == 0 && lon == 0): // 99.999999 and 0.000000 stand for none
		return p, noPosition
	case lat < 49 || lat > 61.5 || lon < -9 || lon > 2.5:
		return p, "its position is not in the United Kingdom"
	}
	p = handrail.PostcodePoint{Postcode: code.Text, At: handrail.Point{Lat: lat, Lon: lon}, Points: 1}
	p.Terminated = c.ended >= 0 && row[c.ended] != ""
	return p, ""
}

// lineReader gives lines without holding more than one, however long the file's lines are.
type lineReader struct {
	b *bufio.Reader
	n int
}

func (l *lineReader) next() (line []byte, tooLong bool, err error) {
	line, err = l.b.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = l.b.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) && (len(line) > 0 || tooLong) {
		err = nil
	}
	l.n++
	return bytes.TrimRight(line, "\r\n"), tooLong, err
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

// middles gathers what is needed for the middles of sectors and outcodes: one small sum for each of the 12,000 sectors.
type middles map[string]*sum

type sum struct {
	lat, lon float64
	n        int
	live     bool // of postcodes in use; the old ones count only where there are no others
}

func (m middles) add(p handrail.PostcodePoint) {
	sector := p.Postcode[:len(p.Postcode)-2]
	s := m[sector]
	switch {
	case s == nil:
		s = &sum{live: !p.Terminated}
		m[strings.Clone(sector)] = s
	case s.live && p.Terminated:
		return
	case !s.live && !p.Terminated:
		*s = sum{live: true}
	}
	s.lat += p.At.Lat
	s.lon += p.At.Lon
	s.n++
}

// strayMetres is how far a sector may lie from the middle one of its outcode and still count: sectors of large mail
// users sit at a mail centre, sometimes in another town.
const strayMetres = 30_000

// points makes the middles: of a sector the mean of its postcodes, of an outcode the mean of its sectors' postcodes
// without the strays. They come sorted.
func (m middles) points() []handrail.PostcodePoint {
	var out []handrail.PostcodePoint
	byOutcode := map[string][]handrail.PostcodePoint{}
	for sector, s := range m {
		p := handrail.PostcodePoint{Postcode: sector, At: handrail.Point{Lat: s.lat / float64(s.n), Lon: s.lon / float64(s.n)}, Points: s.n, Terminated: !s.live}
		out = append(out, p)
		outcode, _, _ := strings.Cut(sector, " ")
		byOutcode[outcode] = append(byOutcode[outcode], p)
	}
	for outcode, sectors := range byOutcode {
		out = append(out, middleOf(outcode, sectors))
	}
	slices.SortFunc(out, func(a, b handrail.PostcodePoint) int { return cmp.Compare(a.Postcode, b.Postcode) })
	return out
}

func middleOf(outcode string, sectors []handrail.PostcodePoint) handrail.PostcodePoint {
	live := slices.ContainsFunc(sectors, func(p handrail.PostcodePoint) bool { return !p.Terminated })
	if live {
		sectors = slices.DeleteFunc(slices.Clone(sectors), func(p handrail.PostcodePoint) bool { return p.Terminated })
	}
	middle := handrail.Point{
		Lat: median(sectors, func(p handrail.Point) float64 { return p.Lat }),
		Lon: median(sectors, func(p handrail.Point) float64 { return p.Lon }),
	}
	out := handrail.PostcodePoint{Postcode: outcode, Terminated: !live}
	for _, s := range sectors {
		if Metres(s.At, middle) > strayMetres && len(sectors) > 1 {
			continue
		}
		out.At.Lat += s.At.Lat * float64(s.Points)
		out.At.Lon += s.At.Lon * float64(s.Points)
		out.Points += s.Points
	}
	if out.Points == 0 { // two sectors at two ends of the country: neither is a stray
		out.At, out.Points = sectors[0].At, sectors[0].Points
		return out
	}
	out.At.Lat /= float64(out.Points)
	out.At.Lon /= float64(out.Points)
	return out
}

// median weighs each sector by its postcodes.
func median(sectors []handrail.PostcodePoint, of func(handrail.Point) float64) float64 {
	sorted := slices.SortedFunc(slices.Values(sectors), func(a, b handrail.PostcodePoint) int { return cmp.Compare(of(a.At), of(b.At)) })
	total := 0
	for _, s := range sorted {
		total += s.Points
	}
	seen := 0
	for _, s := range sorted {
		if seen += s.Points; 2*seen >= total {
			return of(s.At)
		}
	}
	return 0
}
