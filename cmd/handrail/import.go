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
