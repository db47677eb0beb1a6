package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"handrail/config"
	"handrail/directory"
	"handrail/house"
	"handrail/meaning"
	"handrail/meaning/model"
	"handrail/urgent"
)

// vocabularyOf reads the words that people use: the built-in ones, those of the country's towns, and the deployment's own.
func (a *app) vocabularyOf() (*meaning.Vocabulary, error) {
	cfg, err := a.settings()
	if err != nil {
		return nil, err
	}
	var own io.Reader
	if cfg.Directory.Vocabulary != "" {
		f, err := os.Open(cfg.Directory.Vocabulary)
		if err != nil {
			return nil, fmt.Errorf("directory.vocabulary: %w", err)
		}
		defer f.Close()
		own = f
	}
	return house.Vocabulary(directory.NewGazetteer(nil), own)
}

// understand tells how free text is read.
func (a *app) understand() *cobra.Command {
	var file, as string
	cmd := &cobra.Command{
		Use:   "understand [TEXT]",
		Short: "Tell how a text is read",
		Long: `Understand prints what a text means, one JSON object for each: a member of
staff's question by default, a patient's message in which danger is looked for
(--as crisis), or a patient's reason for a no (--as refusal).`,
		Example: `  handrail understand "74F widow LU3 likes knitting no car weekday am free"
  handrail understand --as refusal --file reasons.txt`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			read, err := a.reader(as)
			if err != nil {
				return err
			}
			switch {
			case file == "" && len(args) == 0:
				return usage{errors.New("this needs a text, or --file; see --help")}
			case file != "" && len(args) > 0:
				return usage{errors.New("this needs a text or --file, not both")}
			case file == "":
				return a.printJSON(read(strings.Join(args, " ")))
			}
			f, err := open(cmd, file)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			return meaning.EachText(f, func(text string) error { return a.printJSON(read(text)) })
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "`FILE` with one text a line; - is standard input")
	cmd.Flags().StringVar(&as, "as", "query", "what the texts are: query, crisis or refusal")
	return cmd
}

// open opens a file, or standard input for "-".
func open(cmd *cobra.Command, file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(cmd.InOrStdin()), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.Name(), err)
	}
	return f, nil
}

// reason is what understand prints of a refusal.
type reason struct {
	Reason string `json:"reason"`
}

// reader is how a kind of text is read.
func (a *app) reader(as string) (func(text string) any, error) {
	if as == "crisis" {
		return func(text string) any { return urgent.UnderstandLine(text) }, nil
	}
	if as != "query" && as != "refusal" {
		return nil, usage{fmt.Errorf("--as %s: use query, crisis or refusal", as)}
	}
	v, err := a.vocabularyOf()
	if err != nil {
		return nil, err
	}
	if as == "refusal" {
		return func(text string) any {
			r, _ := v.Refusal(text)
			return reason{r}
		}, nil
	}
	return func(text string) any { return v.Understand(text) }, nil
}

// evaluate measures the readers on labelled texts.
func (a *app) evaluate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "evaluate", Short: "Measure how well texts are read, on labelled ones",
		RunE: func(*cobra.Command, []string) error {
			return usage{errors.New("this needs a subcommand: queries, crisis or refusals")}
		},
	}
	sub := func(use, short string, run func(r io.Reader) (fmt.Stringer, error)) *cobra.Command {
		c := &cobra.Command{
			Use: use + " FILE", Short: short, Args: exactly(1, "one file"),
			RunE: func(cmd *cobra.Command, args []string) (err error) {
				f, err := open(cmd, args[0])
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				report, err := run(f)
				if err != nil {
					return err
				}
				fmt.Fprint(a.out, report)
				return nil
			},
		}
		cmd.AddCommand(c)
		return c
	}
	var asked bool
	queries := sub("queries", "Staff's questions, JSON lines: precision, recall and F1, in all and by key", func(r io.Reader) (fmt.Stringer, error) {
		v, err := a.vocabularyOf()
		if err != nil {
			return nil, err
		}
		if !asked {
			return meaning.EvaluateQueries(r, v.Understand)
		}
		return a.evaluateModel(cmd.Context(), r, v)
	})
	queries.Flags().BoolVar(&asked, "model", false, "beside the rules, the model of the settings: by itself, and both")
	sub("refusals", "Patients' reasons, tab-separated: accuracy and the confusion by label", func(r io.Reader) (fmt.Stringer, error) {
		v, err := a.vocabularyOf()
		if err != nil {
			return nil, err
		}
		return meaning.EvaluateRefusals(r, v.Refusal)
	})
	sub("crisis", "Patients' messages, tab-separated: recall, false alarms and each miss", func(r io.Reader) (fmt.Stringer, error) {
		report, err := urgent.Evaluate(r)
		return crisisReport{report}, err
	})
	return cmd
}

// evaluateModel measures the rules, the model and both, with the model's cost and time. No budget holds it back: whoever
// types the command has decided to spend.
func (a *app) evaluateModel(ctx context.Context, r io.Reader, v *meaning.Vocabulary) (fmt.Stringer, error) {
	cfg, err := a.settings()
	if err != nil {
		return nil, err
	}
	clock, err := a.clock()
	if err != nil {
		return nil, err
	}
	if cfg.Model.BaseURL.IsZero() {
		return nil, usage{errors.New("--model: no model is set up (model.base_url); see docs/model.md")}
	}
	s := a.modelSettings(cfg, v, clock)
	s.Budget = model.NewAllowance(math.MaxInt32, math.MaxInt32)
	c, err := model.New(s)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return model.Evaluate(ctx, r, c)
}

func (a *app) modelSettings(cfg config.Config, v *meaning.Vocabulary, clock house.Clock) model.Settings {
	return model.Settings{
		BaseURL: cfg.Model.BaseURL.Reveal(), Key: cfg.Model.Key.Reveal(), Name: cfg.Model.Name, Allow: cfg.Model.Allow,
		Vocabulary: v, Clock: clock, Log: a.log(slog.LevelWarn),
	}
}

// modelOf is the language model of the settings; where there is none, one that is off.
func (a *app) modelOf(cfg config.Config, v *meaning.Vocabulary, clock house.Clock) (*model.Client, error) {
	c, err := model.New(a.modelSettings(cfg, v, clock))
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return c, nil
}

// crisisReport prints how the words of danger were found.
type crisisReport struct{ urgent.Report }

// String is the report for a terminal.
func (r crisisReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "recall %.3f of %d, false alarms %.3f of %d\n", r.Recall(), r.Crisis, r.FalseAlarms(), r.None)
	for _, m := range r.Misses {
		what := "missed"
		if m.Label == "none" {
			what = "false alarm"
		}
		fmt.Fprintf(&b, "  line %d: %s: %s\n", m.Line, what, m.Text)
	}
	return b.String()
}

// words prints the vocabulary, for a person to read or to put right.
func (a *app) words() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "vocabulary",
		Short: "Print the words by which needs and interests are read",
		Long: `Vocabulary prints every phrase that stands for a need, an interest or a
condition, one a line: its kind, its name, its weight (2 means it by itself, 1
only together with another), and the phrase. A file of your own, named in
directory.vocabulary, adds to it and takes away from it.`,
		Args: exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			v, err := a.vocabularyOf()
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(v.Table())
			}
			for _, r := range v.Table() {
				fmt.Fprintf(a.out, "%s\t%s\t%d\t%s\n", r.Kind, r.Name, r.Weight, r.Phrase)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it for programs")
	return cmd
}
