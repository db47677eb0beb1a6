package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/directory"
	"handrail/directory/sources"
	"handrail/house"
	"handrail/meaning"
	"handrail/store/records"
)

// importing reads a directory from a file.
func (a *app) importing() *cobra.Command {
	var force, asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import a directory of services (Open Referral UK v3, JSON)",
		Long: `Import reads services in Open Referral UK v3 from a file. A record that cannot be
used is told with its line and reason, and the rest is imported. Importing the
same file again replaces what came from it before. An import that would remove
more than a fifth of the live listings is held: look at it, then use --force.`,
		Args: exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importFile(cmd.Context(), args[0], force, asJSON)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "import even when many listings would go")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result for programs")
	return cmd
}

// problemsShown is how many problems are listed one by one.
const problemsShown = 20

// imported is what import prints for programs.
type imported struct {
	Services int               `json:"services"`
	Rejected int               `json:"rejected"`
	Added    int               `json:"added"`
	Changed  int               `json:"changed"`
	Same     int               `json:"same"`
	Removed  int               `json:"removed"`
	Problems []sources.Problem `json:"problems,omitempty"`
}

func (a *app) importFile(ctx context.Context, file string, force, asJSON bool) (err error) {
	// The file first: a slip in its name should not leave an empty database behind.
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, clock, rec, err := a.openFor(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	source := "oruk:" + filepath.Base(file)
	read, err := sources.Read(ctx, f, source, sources.AsOf(clock.Now()))
	if err != nil {
		return fmt.Errorf("import %s: %w", filepath.Base(file), err)
	}
	placed, err := directory.FillPositions(ctx, rec, read.Activities)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	var opts []records.ImportOption
	if force {
		opts = append(opts, records.Force)
	}
	done, err := rec.ReplaceActivities(ctx, source, read.Activities, handrail.ActorSystem, opts...)
	if say, ok := handrail.Sentence(err); ok {
		return fmt.Errorf("import: %s Use --force to import it all the same", say)
	}
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	result := imported{len(read.Activities), read.Rejected(), done.Added, done.Changed, done.Same, done.Removed, read.Problems}
	if asJSON {
		return a.printJSON(result)
	}
	fmt.Fprintf(a.out, "%d services read: %d new, %d changed, %d as before, %d gone.\n", result.Services, result.Added, result.Changed, result.Same, result.Removed)
	if placed > 0 {
		fmt.Fprintf(a.out, "%d were placed by their postcode.\n", placed)
	}
	if result.Rejected > 0 {
		fmt.Fprintf(a.out, "%d records could not be used.\n", result.Rejected)
	}
	for _, p := range read.Problems[:min(len(read.Problems), problemsShown)] {
		what := "left out"
		if p.Kept {
			what = "imported without it"
		}
		fmt.Fprintf(a.out, "  line %d: %s (%s)\n", p.Line, p.Reason, what)
	}
	if more := len(read.Problems) - problemsShown; more > 0 {
		fmt.Fprintf(a.out, "  and %d more\n", more)
	}
	return nil
}

// postcodes reads where postcodes are.
func (a *app) postcodes() *cobra.Command {
	cmd := &cobra.Command{
		Use: "postcodes", Short: "Work with postcodes",
		RunE: func(*cobra.Command, []string) error { return usage{errors.New("this needs a subcommand: import")} },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "import FILE",
		Short: "Import postcodes (NSPL or ONSPD, as CSV, .gz or .zip)",
		Args:  exactly(1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx := cmd.Context()
			if _, err := os.Stat(args[0]); err != nil { // as for import
				return fmt.Errorf("import postcodes: %w", err)
			}
			_, _, rec, err := a.openFor(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, rec.Close()) }()
			report, err := directory.ReadPostcodes(ctx, args[0], func(batch []handrail.PostcodePoint) error { return rec.PutPostcodes(ctx, batch) })
			if err != nil {
				return fmt.Errorf("import postcodes: %w", err)
			}
			printPostcodes(a.out, report)
			return nil
		},
	})
	return cmd
}

func printPostcodes(out io.Writer, r directory.Report) {
	fmt.Fprintf(out, "%d postcodes (%d no longer in use), with the middles of %d sectors and %d outcodes.\n", r.Postcodes, r.Terminated, r.Sectors, r.Outcodes)
	if r.NoPosition > 0 {
		fmt.Fprintf(out, "%d have no position and were left out.\n", r.NoPosition)
	}
	if r.Bad > 0 {
		fmt.Fprintf(out, "%d lines could not be read:\n", r.Bad)
		for _, b := range r.FirstBad {
			fmt.Fprintf(out, "  line %d: %s\n", b.Line, b.Reason)
		}
	}
}

// search asks the directory in free text.
func (a *app) search() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "search WORDS",
		Short: "Search the directory in plain words",
		Example: `  handrail search "lunch club near EH6 free"
  handrail search --json "walking group LU1 2AB tuesday mornings"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage{errors.New("this needs some words to search for")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.searchFor(cmd.Context(), strings.Join(args, " "), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result for programs")
	return cmd
}

// found is what search prints for programs.
type found struct {
	Understood meaning.Understood `json:"understood"`
	Widened    string             `json:"widened,omitempty"`
	Results    []foundGroup       `json:"results"`
}

type foundGroup struct {
	ID       handrail.ActivityID `json:"id"`
	Name     string              `json:"name"`
	When     string              `json:"when,omitempty"`
	Distance string              `json:"distance,omitempty"`
	Metres   int                 `json:"metres,omitempty"`
	Cost     string              `json:"cost,omitempty"`
	Access   string              `json:"access,omitempty"`
	Checked  string              `json:"checked,omitempty"`
	Why      string              `json:"why,omitempty"`
	Venue    string              `json:"venue,omitempty"`
}

func (a *app) searchFor(ctx context.Context, words string, asJSON bool) (err error) {
	cfg, clock, rec, err := a.openFor(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.Close()) }()
	finder, err := house.NewFinder(ctx, house.FinderOptions{Records: rec, Zone: cfg.Location()})
	if err != nil {
		return err
	}
	understood, answer, err := finder.Search(ctx, handrail.Practice{}, words, clock.Now())
	if say, ok := handrail.Sentence(err); ok {
		return errors.New(say)
	}
	if err != nil {
		return err
	}
	result := found{Understood: understood, Widened: answer.Widened, Results: []foundGroup{}}
	for _, r := range answer.Results {
		result.Results = append(result.Results, foundGroup{
			ID: r.Activity.ID, Name: r.Activity.Name, When: r.When, Distance: r.DistanceText, Metres: int(r.Metres), Cost: r.CostText,
			Access: r.AccessText, Checked: r.CheckedText, Why: r.Why, Venue: r.Activity.Venue.Line(),
		})
	}
	if asJSON {
		return a.printJSON(result)
	}
	if u := understood.Words(); u != "" {
		fmt.Fprintf(a.out, "I read that as: %s.\n", u)
	}
	if answer.Spot != nil && answer.Spot.Note != "" {
		fmt.Fprintln(a.out, answer.Spot.Note)
	}
	if answer.Widened != "" {
		fmt.Fprintln(a.out, answer.Widened)
	}
	if len(result.Results) == 0 {
		fmt.Fprintln(a.out, "Nothing found. Try another postcode, fewer words, or another day.")
	}
	for i, r := range result.Results {
		fmt.Fprintf(a.out, "\n%d. %s\n", i+1, r.Name)
		for _, line := range []string{joined(r.When, r.Venue), joined(r.Distance, r.Cost, r.Access, r.Checked), r.Why} {
			if line != "" {
				fmt.Fprintf(a.out, "   %s\n", line)
			}
		}
	}
	return nil
}

func joined(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "; ")
}
