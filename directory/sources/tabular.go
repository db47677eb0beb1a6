package sources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"handrail"
)

// ReadTabular imports the tabular package of Open Referral UK (HSDS-UK): services.csv with locations.csv, schedules.csv and
// the rest beside it, in a folder or an archive. Each service is put together as the JSON that the same publisher would
// serve and read by Read, so that a field means the same in both. Lines are those of services.csv; problems are reported
// as by Read. Files that are not there are empty.
func ReadTabular(ctx context.Context, files fs.FS, source string, opts ...Option) (Result, error) {
	p, err := openPackage(ctx, files)
	if err != nil {
		return Result{}, err
	}
	in, out := io.Pipe()
	lines := make(chan []int, 1)
	go func() {
		all, err := p.write(ctx, out)
		lines <- all
		_ = out.CloseWithError(err) // it returns nothing but nil
	}()
	result, err := Read(ctx, in, source, opts...)
	_ = in.CloseWithError(errors.New("the reading has ended")) // so that a writer that waits ends too
	all := <-lines
	lineOf := func(n int) int { // the first service stands in the JSON's second line
		if n -= 2; n >= 0 && n < len(all) {
			return all[n]
		}
		return n + 2
	}
	for i, problem := range result.Problems {
		result.Problems[i].Line = lineOf(problem.Line)
		if reason, earlier, ok := strings.Cut(problem.Reason, " (at line "); ok {
			if n, err := strconv.Atoi(strings.TrimSuffix(earlier, ")")); err == nil {
				result.Problems[i].Reason = fmt.Sprintf("%s (at line %d)", reason, lineOf(n))
			}
		}
	}
	if err != nil && !handrail.IsKind(err, handrail.KindInvalid) {
		err = fmt.Errorf("read a tabular package: %w", err)
	}
	return result, err
}

// ReadTabularZip is ReadTabular of an archive of the given size.
func ReadTabularZip(ctx context.Context, r io.ReaderAt, size int64, source string, opts ...Option) (Result, error) {
	archive, err := openArchive(r, size)
	if err != nil {
		return Result{}, err
	}
	return ReadTabular(ctx, archive, source, opts...)
}

// readTabularZip is ReadTabularZip of an archive that comes as a stream.
func readTabularZip(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	at, err := inFull(r)
	if err != nil {
		return Result{}, err
	}
	return ReadTabularZip(ctx, at, at.Size(), source, opts...)
}

// maxLinked is how many rows the files beside services.csv may have together: they are held in memory to be joined.
const maxLinked = 2_000_000

// linkedRow is one row by its headings. Every value is a JSON string or, once rows are joined, a list of such rows.
type linkedRow map[string]json.RawMessage

func (l linkedRow) text(key string) string {
	var s string
	if json.Unmarshal(l[key], &s) != nil {
		return ""
	}
	return s
}

// tabularPackage is a package whose files but services.csv are in memory.
type tabularPackage struct {
	files    fs.FS
	services string // its path
	tables   map[string][]linkedRow
	rows     int
}

// linkedFiles are the names that the files of a package go by: those of HSDS 3, and those that publishers write.
func linkedFiles() map[string][]string {
	return map[string][]string{
		"organisers":    {"organizations", "organization", "organisations"}, //nolint:misspell // the standard's own spelling
		"at":            {"service_at_locations", "service_at_location"},
		"locations":     {"locations", "location"},
		"addresses":     {"addresses", "address", "physical_addresses", "physical_address"},
		"accessibility": {"accessibility", "accessibility_for_disabilities"},
		"schedules":     {"schedules", "schedule", "regular_schedules", "regular_schedule"},
		"contacts":      {"contacts", "contact"},
		"phones":        {"phones", "phone"},
		"languages":     {"languages", "language"},
		"cost_options":  {"cost_options", "cost_option"},
		"attributes":    {"attributes", "attribute"},
		"terms":         {"taxonomy_terms", "taxonomy_term"},
		"eligibilitys":  {"eligibilitys", "eligibilities", "eligibility"},
	}
}

// openPackage finds services.csv, at the top or one folder down, and reads the files beside it.
func openPackage(ctx context.Context, files fs.FS) (*tabularPackage, error) {
	p := &tabularPackage{files: files, tables: map[string][]linkedRow{}}
	for _, pattern := range []string{"services.csv", "service.csv", "*/services.csv", "*/service.csv"} {
		if found, _ := fs.Glob(files, pattern); len(found) > 0 { // the patterns are good
			p.services = found[0]
			break
		}
	}
	if p.services == "" {
		return nil, handrail.Errorf(handrail.KindInvalid, "There is no services.csv in it.", "read a tabular package: no services")
	}
	for table, names := range linkedFiles() {
		seen := map[string]bool{}
		for _, name := range names {
			err := p.eachRow(ctx, path.Join(path.Dir(p.services), name+".csv"), func(_ int, row linkedRow) error {
				// Some packages hold a file under both its names; what stands in the first counts.
				if id := row.text("id"); id != "" {
					if seen[id] {
						return nil
					}
					seen[id] = true
				}
				if p.rows++; p.rows > maxLinked {
					return handrail.Errorf(handrail.KindInvalid, "The package holds more rows than I can take in.", "read a tabular package: more than %d rows", maxLinked)
				}
				p.tables[table] = append(p.tables[table], row)
				return nil
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	return p, nil
}

// eachRow reads a file row by row. A row that cannot be read is nil.
func (p *tabularPackage) eachRow(ctx context.Context, name string, do func(line int, row linkedRow) error) error {
	f, err := p.files.Open(name)
	if err != nil {
		return fmt.Errorf("read a tabular package: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows := newCSVRows(f)
	var headings []string
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read a tabular package: %w", err)
		}
		line, cells, err := rows.next()
		var bad rowError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad) && headings != nil:
			if err := do(line, nil); err != nil {
				return err
			}
			continue
		case err != nil && headings == nil && rows.line == 1:
			return nil // an empty file has no rows
		case err != nil:
			return tableError(err)
		case emptyRow(cells):
			continue
		}
		if headings == nil {
			for _, h := range cells {
				headings = append(headings, strings.ToLower(clean(h, 100)))
			}
			continue
		}
		row := linkedRow{}
		for i, cell := range cells[:min(len(cells), len(headings))] {
			if cell = strings.TrimSpace(cell); cell == "" || strings.EqualFold(cell, "null") || row[headings[i]] != nil {
				continue
			}
			raw, err := json.Marshal(cell)
			if err != nil {
				return fmt.Errorf("read a tabular package: %w", err)
			}
			row[headings[i]] = raw
		}
		if err := do(line, row); err != nil {
			return err
		}
	}
}

// by sorts a table's rows by the row they belong to.
func (p *tabularPackage) by(table, key string) map[string][]linkedRow {
	out := map[string][]linkedRow{}
	for _, row := range p.tables[table] {
		if id := row.text(key); id != "" {
			out[id] = append(out[id], row)
		}
	}
	return out
}

// with is a copy of a row with rows joined to it under a key.
func (l linkedRow) with(key string, rows []linkedRow) (linkedRow, error) {
	if len(rows) == 0 {
		return l, nil
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("join %s: %w", key, err)
	}
	out := make(linkedRow, len(l)+1)
	for k, v := range l {
		out[k] = v
	}
	out[key] = raw
	return out, nil
}

// joins are a package's tables, sorted by what they belong to.
type joins struct {
	organisers, terms, locations          map[string][]linkedRow
	at, schedules, contacts, phones, cost map[string][]linkedRow
	languages, attributes, eligible       map[string][]linkedRow
	schedulesAt, contactPhones            map[string][]linkedRow
	addresses, accessibility              map[string][]linkedRow
	organiserContacts                     map[string][]linkedRow
}

func (p *tabularPackage) join() joins {
	return joins{
		organisers: p.by("organisers", "id"), terms: p.by("terms", "id"), locations: p.by("locations", "id"),
		at: p.by("at", "service_id"), schedules: p.by("schedules", "service_id"), contacts: p.by("contacts", "service_id"),
		phones: p.by("phones", "service_id"), cost: p.by("cost_options", "service_id"), languages: p.by("languages", "service_id"),
		attributes: p.by("attributes", "link_id"), eligible: p.by("eligibilitys", "service_id"),
		schedulesAt: p.by("schedules", "service_at_location_id"), contactPhones: p.by("phones", "contact_id"),
		addresses: p.by("addresses", "location_id"), accessibility: p.by("accessibility", "location_id"),
		organiserContacts: p.by("contacts", "organization_id"),
	}
}

// write writes the services as JSON, one a line, and returns the line of each in services.csv.
func (p *tabularPackage) write(ctx context.Context, w io.Writer) (lines []int, err error) {
	all := p.join()
	if _, err := io.WriteString(w, "[\n"); err != nil {
		return nil, fmt.Errorf("write services: %w", err)
	}
	err = p.eachRow(ctx, p.services, func(line int, row linkedRow) error {
		raw := []byte(`"a row that cannot be read"`)
		if row != nil {
			whole, err := all.service(row)
			if err != nil {
				return err
			}
			if raw, err = json.Marshal(whole); err != nil {
				return fmt.Errorf("write a service: %w", err)
			}
		}
		lines = append(lines, line)
		if len(lines) > 1 {
			raw = append([]byte(",\n"), raw...)
		}
		if _, err := w.Write(raw); err != nil {
			return fmt.Errorf("write services: %w", err)
		}
		return nil
	})
	if err != nil {
		return lines, err
	}
	if _, err := io.WriteString(w, "\n]\n"); err != nil {
		return lines, fmt.Errorf("write services: %w", err)
	}
	return lines, nil
}

// service joins all that belongs to a service to it.
func (j joins) service(s linkedRow) (linkedRow, error) {
	id := s.text("id")
	var err error
	add := func(to linkedRow, key string, rows []linkedRow) linkedRow {
		if err != nil {
			return to
		}
		var joined linkedRow
		if joined, err = to.with(key, rows); err != nil {
			return to
		}
		return joined
	}
	var places []linkedRow
	own := slices.Clone(j.schedules[id])
	for _, at := range j.at[id] {
		place := linkedRow{}
		if found := j.locations[at.text("location_id")]; len(found) > 0 {
			location := add(found[0], "addresses", j.addresses[found[0].text("id")])
			location = add(location, "accessibility", j.accessibility[found[0].text("id")])
			place = add(place, "location", []linkedRow{location})
		}
		var theirs []linkedRow
		for _, schedule := range j.schedulesAt[at.text("id")] {
			if schedule.text("service_id") == "" { // else it is among the service's own
				theirs = append(theirs, schedule)
			}
		}
		places = append(places, add(place, "schedules", theirs))
	}
	var contacts []linkedRow
	for _, contact := range append(slices.Clone(j.contacts[id]), j.organiserContacts[s.text("organization_id")]...) {
		contacts = append(contacts, add(contact, "phones", j.contactPhones[contact.text("id")]))
	}
	var attributes []linkedRow
	for _, attribute := range j.attributes[id] {
		attributes = append(attributes, add(attribute, "taxonomy_term", j.terms[attribute.text("taxonomy_term_id")]))
	}
	s = add(s, "service_at_locations", places)
	s = add(s, "schedules", own)
	s = add(s, "contacts", contacts)
	s = add(s, "phones", j.phones[id])
	s = add(s, "cost_options", j.cost[id])
	s = add(s, "languages", j.languages[id])
	s = add(s, "attributes", attributes)
	s = add(s, "eligibilitys", j.eligible[id])
	s = add(s, "organization", j.organisers[s.text("organization_id")])
	return s, err
}
