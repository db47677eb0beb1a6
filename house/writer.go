package house

import (
	"context"
	"errors"

	"handrail"
	"handrail/dialogs"
	"handrail/meaning/model"
)

// writer is the language model as conversations know it. Details are taken out of a patient's words before they go to it,
// and what cannot be told to be safe stays here.
type writer struct{ client *model.Client }

// newWriter is nil where no model is set up, so that nothing offers what it would do.
func newWriter(c *model.Client) dialogs.Writer {
	if c == nil || !c.On() {
		return nil
	}
	return writer{c}
}

// Plain implements dialogs.Writer.
func (w writer) Plain(ctx context.Context, who, name, description string) (string, error) {
	d, _, err := w.client.Plain(ctx, who, model.Listing{Name: name, Description: description})
	return d.Text, err
}

// Mattered implements dialogs.Writer.
func (w writer) Mattered(ctx context.Context, who string, permission handrail.Permission, said []string) ([]dialogs.Mattered, error) {
	var safe []model.Redacted
	for _, s := range said {
		r, err := w.client.Redact(s)
		if errors.Is(err, model.ErrUnsure) {
			continue // this one stays here (M2)
		}
		if err != nil {
			return nil, err
		}
		safe = append(safe, r)
	}
	if len(safe) == 0 {
		return nil, model.ErrUnsure
	}
	points, _, err := w.client.Summary(ctx, who, permission, safe)
	if err != nil {
		return nil, err
	}
	out := make([]dialogs.Mattered, len(points))
	for i, p := range points {
		out[i] = dialogs.Mattered(p)
	}
	return out, nil
}
