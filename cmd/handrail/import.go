package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/directory/sources"
	"handrail/house"
	"handrail/store/records"
)

// importing is what import is told on its command line.
type importing struct {
	format, mapping, source string
	confirm, force, asJSON  bool
}

// importCommand reads a directory from a file.
func (a *app) importCommand() *cobra.Command {
	var o importing
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a directory of groups from a file",
		Long: `Import reads groups from a file: Open Referral UK v3 or v1, OpenActive pages, a
table (CSV or an Excel workbook), or the tabular package of Open Referral. A
record that cannot be used is told with its line and reason, one with a bad part
is imported without it, and the rest is imported as it is. Importing the same
source again replaces what came from it before.

What a person must see first is held: a copy that would remove more than a fifth
of the live listings, and a changed telephone number or address. Link workers
find it in their chat ("changes to check").

The columns of a table are guessed from its headings and shown; nothing is
imported before you say --confirm. The mapping is then kept for the next time.`,
		Example: `  handrail import services.json
  handrail import groups.csv              shows what each column seems to be
  handrail import groups.csv --confirm    imports it, and remembers`,
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFile(cmd.Context(), args[0], o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "", "`FORMAT` of the file: oruk3, oruk1, rpde, csv, xlsx, hsds-csv or bench; by default it is found out")
	f.StringVar(&o.source, "source", "", "`NAME` under which the listings are kept; by default the format and the file's name")
	f.StringVar(&o.mapping, "mapping", "", "`FILE` that says what the columns of a table are, as --confirm writes it")
	f.BoolVar(&o.confirm, "confirm", false, "the guessed columns of a table are right")
	f.BoolVar(&o.force, "force", false, "import even when many listings would go: you have looked at it")
	f.BoolVar(&o.asJSON, "json", false, "print the result for programs")
	return cmd
}

// problemsShown is how many problems are listed one by one.
const problemsShown = 20

// imported is what import prints for programs.
type imported struct {
	Services  int                   `json:"services"`
	Rejected  int                   `json:"rejected"`
	Added     int                   `json:"added"`
	Changed   int                   `json:"changed"`
	Same      int                   `json:"same"`
	Removed   int                   `json:"removed"`
	Held      int                   `json:"held"`
	Suggested int                   `json:"suggested"`
	Reasons   []sources.ReasonCount `json:"reasons,omitempty"`
	Problems  []sources.Problem     `json:"problems,omitempty"`
}

func (a *app) importFile(ctx context.Context, file string, o importing) (err error) {
	// The file first: a slip in its name should not leave an empty database behind.
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if o.format, err = formatOf(f, o.format); err != nil {
		return err
	}
	o.source = cmp.Or(o.source, kindOf(o.format)+":"+filepath.Base(file))
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	mapping, done, err := a.columns(ctx, f, filepath.Join(cfg.Data, "mappings"), o)
	if done || err != nil {
		return err
	}
	_, clock, rec, err := a.openFor(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	read, err := readSource(ctx, f, mapping, o, sources.AsOf(clock.Now()))
	if err != nil {
		return fmt.Errorf("import %s: %w", filepath.Base(file), err)
	}
	if err := house.Prepare(ctx, rec, read.Activities); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	var opts []records.ImportOption
	if o.force {
		opts = append(opts, records.Force)
	}
	taken, err := rec.TakeFeed(ctx, o.source, handrail.FeedCopy{Changed: read.Activities, Full: true}, handrail.ActorSystem, opts...)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if taken.Held > 0 && taken.Added+taken.Changed+taken.Same+taken.Removed == 0 {
		return errors.New("import: this copy would remove more than a fifth of the live listings, so nothing of it is in use yet. A link worker can take it (\"changes to check\"), or use --force when you have looked at it")
	}
	result := imported{
		len(read.Activities), read.Rejected(), taken.Added, taken.Changed, taken.Same, taken.Removed, taken.Held, taken.Suggested,
		read.Reasons, read.Problems,
	}
	if o.asJSON {
		return a.printJSON(result)
	}
	a.printImport(result)
	return nil
}

func (a *app) printImport(r imported) {
	fmt.Fprintf(a.out, "%d services read: %d new, %d changed, %d as before, %d gone.\n", r.Services, r.Added, r.Changed, r.Same, r.Removed)
	if r.Rejected > 0 {
		fmt.Fprintf(a.out, "%d records could not be used.\n", r.Rejected)
	}
	if r.Held > 0 {
		fmt.Fprintf(a.out, "%d changes are held until a person has looked at them: \"changes to check\" in a link worker's chat, or --force.\n", r.Held)
	}
	if r.Suggested > 0 {
		fmt.Fprintf(a.out, "%d pairs may be one group twice; a link worker is asked.\n", r.Suggested)
	}
	for _, c := range r.Reasons {
		what := "left out"
		if c.Kept {
			what = "imported without it"
		}
		fmt.Fprintf(a.out, "  %d x %s (%s)\n", c.N, c.Reason, what)
	}
	if len(r.Problems) == 0 {
		return
	}
	fmt.Fprintln(a.out, "The first of them:")
	for _, p := range r.Problems[:min(len(r.Problems), problemsShown)] {
		fmt.Fprintf(a.out, "  line %d: %s\n", p.Line, p.Reason)
	}
}

// kindOf is what stands before the file's name in the name of a source.
func kindOf(format string) string {
	if format == sources.OpenReferral3 || format == sources.OpenReferral1 {
		return "oruk"
	}
	return format
}

// formatOf finds out what a file is, by its name and, for JSON, by its beginning.
func formatOf(f *os.File, said string) (string, error) {
	formats := sources.Formats()
	if said != "" {
		if !slices.ContainsFunc(formats, func(f sources.Format) bool { return f.Name == said }) {
			return "", usage{fmt.Errorf("--format %s: there is no such format; see --help", said)}
		}
		return said, nil
	}
	switch strings.ToLower(filepath.Ext(f.Name())) {
	case ".csv", ".tsv", ".txt":
		return sources.CSV, nil
	case ".xlsx", ".xlsm":
		return sources.XLSX, nil
	case ".zip":
		return sources.HSDSCSV, nil
	case ".jsonl":
		return sources.Bench, nil
	}
	head := make([]byte, 4096)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("import: %w", err)
	}
	return sources.JSONFormat(head[:n]), nil
}

// columns finds out what the columns of a table are: from --mapping, from the mapping kept under the source's name, or by
// a guess that is shown. done says that a person must look first.
func (a *app) columns(ctx context.Context, f *os.File, dir string, o importing) (m sources.Mapping, done bool, err error) {
	if o.format != sources.CSV && o.format != sources.XLSX {
		return m, false, nil
	}
	kept := filepath.Join(dir, strings.NewReplacer("/", "_", ":", "_", `\`, "_").Replace(o.source)+".json")
	raw, err := os.ReadFile(cmp.Or(o.mapping, kept))
	switch {
	case err == nil:
		m, err = sources.ParseMapping(raw)
		if err != nil {
			return m, false, fmt.Errorf("import: the mapping of the columns: %w", err)
		}
		return m, false, nil
	case o.mapping != "" || !errors.Is(err, os.ErrNotExist):
		return m, false, fmt.Errorf("import: the mapping of the columns: %w", err)
	}
	sample, err := sampleOf(ctx, f, o.format)
	if err != nil {
		return m, false, fmt.Errorf("import %s: %w", filepath.Base(f.Name()), err)
	}
	m, guesses := sample.Guess()
	if !o.confirm {
		fmt.Fprintln(a.out, "Nothing was imported yet. This is what the columns seem to be:")
		for _, g := range guesses {
			mark := " "
			if g.Doubtful() {
				mark = "?"
			}
			fmt.Fprintf(a.out, " %s %s\n", mark, g.Say)
		}
		fmt.Fprintln(a.out, "If that is right, run the same with --confirm. If not, run it with --confirm --mapping FILE, where FILE is this, put right:")
		text, err := m.JSON()
		if err != nil {
			return m, false, fmt.Errorf("import: %w", err)
		}
		fmt.Fprintf(a.out, "%s\n", text)
		return m, true, nil
	}
	m = m.Confirm()
	text, err := m.JSON()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(kept, text, 0o600)
	}
	if err != nil {
		return m, false, fmt.Errorf("import: keep the mapping of the columns: %w", err)
	}
	return m, false, nil
}

func sampleOf(ctx context.Context, f *os.File, format string) (sources.Sample, error) {
	if format == sources.CSV {
		sample, err := sources.SampleCSV(ctx, f)
		if _, back := f.Seek(0, io.SeekStart); back != nil {
			err = errors.Join(err, back)
		}
		return sample, err
	}
	info, err := f.Stat()
	if err != nil {
		return sources.Sample{}, err
	}
	return sources.SampleXLSX(ctx, f, info.Size())
}

func readSource(ctx context.Context, f *os.File, m sources.Mapping, o importing, opts ...sources.Option) (sources.Result, error) {
	info, err := f.Stat()
	if err != nil {
		return sources.Result{}, err
	}
	switch o.format {
	case sources.CSV:
		return sources.ReadCSV(ctx, f, o.source, m, opts...)
	case sources.XLSX:
		return sources.ReadXLSX(ctx, f, info.Size(), o.source, m, opts...)
	case sources.HSDSCSV:
		if info.IsDir() {
			return sources.ReadTabular(ctx, os.DirFS(f.Name()), o.source, opts...)
		}
		return sources.ReadTabularZip(ctx, f, info.Size(), o.source, opts...)
	}
	formats := sources.Formats()
	i := slices.IndexFunc(formats, func(f sources.Format) bool { return f.Name == o.format })
	return formats[i].Read(ctx, f, o.source, opts...)
}
