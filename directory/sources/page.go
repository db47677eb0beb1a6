package sources

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"time"

	"handrail"
)

// Page is one page of a list of services, v1 or v3.
type Page struct {
	Result
	// Shallow are those of Activities whose record in the list is only a summary: their services are to be read one by
	// one. They are not believed to have no times because a summary says none.
	Shallow []Summary
	// Sum is the same for two pages that hold the same records, whatever stands around them.
	Sum [sha256.Size]byte
	// Pages and Total are how many pages and records the list says it has, 0 when it does not say.
	Pages, Total int
	// Last says that the page calls itself the last.
	Last bool
}

// Summary is a record that a list only touches on.
type Summary struct {
	ID        handrail.ActivityID
	UpdatedAt *time.Time // nil when the list does not say
}

// ReadPage reads one page of Open Referral UK in the format OpenReferral3 or OpenReferral1, from its first byte to its
// last: a page that ends early is an error, and what it held is not to be believed.
func ReadPage(ctx context.Context, r io.Reader, format, source string, opts ...Option) (Page, error) {
	convert := activityOf
	if format == OpenReferral1 {
		convert = activityOfV1
	}
	in := newSplitter(r, "contents", "content", "services")
	sum := sha256.New()
	var p Page
	var shallow []handrail.ActivityID
	err := p.services(ctx, in, source, convert, optionsOf(opts), func(raw []byte, id handrail.ActivityID) bool {
		sum.Write(raw)
		if !summary(raw) {
			return false
		}
		shallow = append(shallow, id)
		return true
	})
	if err == nil {
		if err = in.finish(); err != nil {
			err = handrail.Errorf(handrail.KindInvalid, "The page stops before its end.", "read page: line %d: %w", in.line, err)
		}
	}
	if err != nil {
		return p, err
	}
	at := map[handrail.ActivityID]int{}
	for i, a := range p.Activities {
		at[a.ID] = i
	}
	for _, id := range shallow {
		if i, ok := at[id]; ok {
			p.Shallow = append(p.Shallow, Summary{ID: id, UpdatedAt: p.Activities[i].UpdatedAt})
		}
	}
	sum.Sum(p.Sum[:0])
	p.Pages = in.count("total_pages", "totalPages")
	p.Total = in.count("total_items", "totalElements")
	p.Last = in.says("last_page") || in.says("last")
	return p, nil
}

// ReadService reads one service by itself, as /services/{id} gives it: the result holds one activity, or the reason why
// there is none.
func ReadService(ctx context.Context, r io.Reader, format, source string, opts ...Option) (Result, error) {
	convert := activityOf
	if format == OpenReferral1 {
		convert = activityOfV1
	}
	var out Result
	in := &splitter{r: bufio.NewReaderSize(r, 16<<10), line: 1}
	raw, err := in.value(nil)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if err != nil && !errors.Is(err, errTooBig) && !errors.Is(err, errTooDeep) {
		err = ended(err, errCutOff)
	}
	if err != nil || len(raw) == 0 || raw[0] != '{' {
		return out, handrail.Errorf(handrail.KindInvalid, "That is not a service that I can read.", "read service: %w", errors.Join(errNoRecords, err))
	}
	out.Records = 1
	a, problems, rejected := convert(raw, source, optionsOf(opts))
	out.keep(1, a, problems, rejected)
	return out, nil
}

// summary reports whether a record has none of the parts that full ones have.
func summary(raw []byte) bool {
	for _, key := range []string{`"schedules"`, `"regular_schedules"`, `"service_at_locations"`, `"contacts"`, `"cost_options"`,
		`"attributes"`, `"service_taxonomys"`, `"eligibilitys"`} {
		if bytes.Contains(raw, []byte(key)) {
			return false
		}
	}
	return true
}

// count is a whole number beside the list under one of some keys, 0 when there is none.
func (s *splitter) count(keys ...string) int {
	for _, key := range keys {
		var n number
		if raw, ok := s.outer[key]; ok && n.UnmarshalJSON(raw) == nil && n.ok && n.v >= 0 && n.v < 1e9 {
			return int(n.v)
		}
	}
	return 0
}

// says reports whether a key beside the list holds true.
func (s *splitter) says(key string) bool {
	var b boolean
	return b.UnmarshalJSON(s.outer[key]) == nil && b.yes
}

// words is the text beside the list under a key.
func (s *splitter) words(key string) string {
	var t text
	if json.Unmarshal(s.outer[key], &t) != nil {
		return ""
	}
	return string(t)
}
