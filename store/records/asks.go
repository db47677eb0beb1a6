package records

import (
	"context"
	"database/sql"
	"time"

	"handrail"
)

const askColumns = "id, activity, practice, asked_at, link, answered_at, answer, words"

func (r *Records) scanAsk(row scanner) (handrail.Ask, error) {
	var a handrail.Ask
	var asked int64
	var link int
	var answered sql.NullInt64
	var words []byte
	if err := row.Scan(&a.ID, &a.Activity, &a.Practice, &asked, &link, &answered, &a.Answer, &words); err != nil {
		return a, err
	}
	a.AskedAt, a.Link, a.AnsweredAt = instant(asked), link == 1, when(answered)
	plain, err := r.open(place("asks", string(a.ID), "words"), words)
	a.Words = string(plain)
	return a, err
}

// PutAsk notes a question to an organiser, and in the listing's Standing that they were asked. The same one twice is one
// and changes nothing. KindNotFound when there is no such listing.
func (r *Records) PutAsk(ctx context.Context, ask handrail.Ask, by handrail.Actor) error {
	if ask.ID == "" {
		return handrail.Errorf(handrail.KindInvalid, "", "put an ask: it has no id")
	}
	return r.in(ctx, "PutAsk", func(ctx context.Context) error {
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		id, err := r.resolve(ctx, ask.Activity)
		if err != nil {
			return err
		}
		n, err := r.exec(ctx, "put an ask", `INSERT INTO asks (id, activity, practice, asked_at, link, answer) VALUES ($1, $2, $3, $4, $5, '')
			ON CONFLICT (id) DO NOTHING`, string(ask.ID), string(id), string(ask.Practice), micros(ask.AskedAt), flag(ask.Link))
		if err != nil || n == 0 {
			return err
		}
		_, err = r.ChangeStanding(ctx, id, by, func(s *handrail.Standing) error {
			s.Asked(stored(ask.AskedAt))
			return nil
		})
		return err
	})
}

// Ask returns one question, answered or not; KindNotFound when there is none of that id.
func (r *Records) Ask(ctx context.Context, id handrail.AskID) (handrail.Ask, error) {
	return r.ask(ctx, id, "")
}

func (r *Records) ask(ctx context.Context, id handrail.AskID, lock string) (handrail.Ask, error) {
	a, ok, err := one(ctx, r, "read the question", r.scanAsk, "SELECT "+askColumns+" FROM asks WHERE id = $1"+lock, string(id))
	if err == nil && !ok {
		err = notFound("question")
	}
	return a, err
}

// AnswerAsk settles a question, once: answered before, already is true, the question is returned as it was answered and
// nothing changes. What follows for the listing is the caller's business. KindNotFound when there is none of that id,
// KindInvalid for an answer that is none.
func (r *Records) AnswerAsk(ctx context.Context, id handrail.AskID, answer handrail.AskAnswer, words string, at time.Time,
	by handrail.Actor,
) (ask handrail.Ask, already bool, err error) {
	err = r.in(ctx, "AnswerAsk", func(ctx context.Context) error {
		ask, already = handrail.Ask{}, false
		// The directory first: what follows locks it, and everybody locks in the same order.
		if err := r.lockDirectory(ctx); err != nil {
			return err
		}
		var err error
		if ask, err = r.ask(ctx, id, r.kind.forUpdate()); err != nil {
			return err
		}
		if ask.AnsweredAt != nil {
			already = true
			return nil
		}
		if err := ask.Settle(answer, words, stored(at)); err != nil {
			return err
		}
		sealed, err := r.seal(place("asks", string(id), "words"), []byte(words))
		if err != nil {
			return err
		}
		_, err = r.exec(ctx, "answer a question", "UPDATE asks SET answered_at = $1, answer = $2, words = $3 WHERE id = $4",
			micros(at), string(answer), sealed, string(id))
		if err != nil {
			return err
		}
		return r.audit(ctx, ask.Practice, by, "answered: "+string(answer), "ask", string(id))
	})
	if err != nil {
		return handrail.Ask{}, false, err
	}
	return ask, already, nil
}
