package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"handrail"
	"handrail/directory"
	"handrail/house"
	"handrail/meaning"
)

// search asks the directory in free text.
func (a *app) search() *cobra.Command {
	var asJSON, explain bool
	cmd := &cobra.Command{
		Use:   "search WORDS",
		Short: "Search the directory in plain words",
		Example: `  handrail search "lunch club near EH6 free"
  handrail search --explain "gardening LU1 2AB"
  handrail search --json "walking group LU1 2AB tuesday mornings"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage{errors.New("this needs some words to search for")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.searchFor(cmd.Context(), strings.Join(args, " "), asJSON, explain)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result for programs")
	cmd.Flags().BoolVar(&explain, "explain", false, "print what each result's score is made of")
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
	Warning  string              `json:"warning,omitempty"`
	Score    float64             `json:"score,omitempty"`
	Parts    directory.Parts     `json:"parts,omitempty"`
}

func (a *app) searchFor(ctx context.Context, words string, asJSON, explain bool) (err error) {
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
		g := foundGroup{
			ID: r.Activity.ID, Name: r.Activity.Name, When: r.When, Distance: r.DistanceText, Metres: int(r.Metres), Cost: r.CostText,
			Access: r.AccessText, Checked: r.CheckedText, Why: r.Why, Venue: r.Activity.Venue.Line(),
			Warning: r.Warning,
		}
		if explain {
			g.Score, g.Parts = r.Score, r.Parts
		}
		result.Results = append(result.Results, g)
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
		for _, line := range []string{joined(r.When, r.Venue), joined(r.Distance, r.Cost, r.Access, r.Checked), r.Why, r.Warning} {
			if line != "" {
				fmt.Fprintf(a.out, "   %s\n", line)
			}
		}
		if explain {
			for line := range strings.Lines(directory.Explain(answer.Results[i])) {
				fmt.Fprintf(a.out, "     %s", line)
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
