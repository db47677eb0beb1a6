package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/directory"
)

// postcodes reads where postcodes are.
func (a *app) postcodes() *cobra.Command {
	cmd := &cobra.Command{
		Use: "postcodes", Short: "Work with postcodes",
		RunE: func(*cobra.Command, []string) error { return usage{errors.New("this needs a subcommand: import")} },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "import FILE",
		Short: "Import postcodes (NSPL, ONSPD or Code-Point Open, as CSV, .gz or .zip)",
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
