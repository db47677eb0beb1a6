package house

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"handrail"
	"handrail/dialogs"
	"handrail/dialogs/text"
	"handrail/directory"
	"handrail/meaning"
)

// direction is where a word takes the last search, beyond what it says by itself.
type direction int

const (
	nowhere direction = iota
	closer
	further
	cheaper
	quieter
	forWomen
	forMen
)

// directions are the words and phrases of each direction. "Closer" means something only after something.
func directions() map[direction][]string {
	return map[direction][]string{
		closer:   {"closer", "nearer", "nearby", "less far", "not so far", "too far", "too far away"},
		further:  {"further", "farther", "wider", "further away", "further afield", "look wider"},
		cheaper:  {"cheaper", "cheap", "less expensive", "too expensive", "too dear", "costs less"},
		quieter:  {"quieter", "quiet", "calmer", "calm", "smaller", "smaller group", "small group", "gentler", "less busy", "not so busy", "less noisy"},
		forWomen: {"for women", "for a woman", "for ladies", "just women"},
		forMen:   {"for men", "for a man", "just men"},
	}
}

// quiet are the words by which a listing says that it is a quiet one.
func quiet() []string {
	return []string{"quiet", "small group", "gentle", "calm", "relaxed", "peaceful", "slow"}
}

// before and after are words around a narrowing that add nothing: "something closer please".
var (
	narrowBefore = regexp.MustCompile(`^(?:(?:can i have|have you|is there|anything|something|somewhere|a bit|bit|a|an|only|just|and|but|it is|its|it's|what about|how about|must be) )+`)
	narrowAfter  = regexp.MustCompile(`(?: (?:please|ones?|group|to home|than that|away|then|instead))+$`)
	notOnDay     = regexp.MustCompile(`\bnot (?:on |for )(?:a |the )?`)
)

// toward reads a direction from the whole of what was said; nowhere when it is none.
func toward(words string) direction {
	said := strings.Trim(strings.ToLower(strings.Join(strings.Fields(words), " ")), " .!?,")
	short := narrowAfter.ReplaceAllString(narrowBefore.ReplaceAllString(said, ""), "")
	for d, phrases := range directions() {
		if slices.Contains(phrases, said) || slices.Contains(phrases, short) {
			return d
		}
	}
	return nowhere
}

// mostNarrowing is how many words a narrowing has at most: more is a question of its own.
const mostNarrowing = 7

// Narrows implements dialogs.Finder. Words that name a place, or both a person and what they like, ask anew.
func (f *Finder) Narrows(words string) bool {
	if toward(words) != nowhere {
		return true
	}
	if len(strings.Fields(words)) > mostNarrowing {
		return false
	}
	u := f.Understand(notOnDay.ReplaceAllString(words, "not "))
	if u.Words() == "" && len(u.Not) == 0 || u.Postcode != "" || u.Place != "" {
		return false
	}
	return len(u.Interests)+len(u.Needs) == 0 || u.Age == 0 && u.Gender == ""
}

// Reads implements dialogs.Finder.
func (f *Finder) Reads(words string) bool {
	return toward(words) != nowhere || !f.Understand(words).Empty()
}

// ReadNeeds implements dialogs.Finder.
func (f *Finder) ReadNeeds(words string) []string { return f.Understand(words).Needs }

// saidQuieter reports whether one of the steps was "quieter".
func saidQuieter(steps []dialogs.Step) bool {
	return slices.ContainsFunc(steps, func(s dialogs.Step) bool { return toward(s.Words) == quieter })
}

// quietFirst puts those first, of what fits, that call themselves quiet, and says so. It finds nothing else: a quiet group
// of another kind is no answer.
func quietFirst(results []directory.Result) []directory.Result {
	const shown = 10
	var first, rest []directory.Result
	for _, r := range results {
		said := " " + strings.Join(strings.FieldsFunc(strings.ToLower(r.Activity.Name+" "+r.Activity.Description), func(c rune) bool {
			return !unicode.IsLetter(c)
		}), " ") + " "
		i := slices.IndexFunc(quiet(), func(w string) bool { return strings.Contains(said, " "+w+" ") })
		if i < 0 {
			rest = append(rest, r)
			continue
		}
		r.Why = text.Join(r.Why, "says it is "+quiet()[i])
		if quiet()[i] == "small group" {
			r.Why = strings.TrimSuffix(r.Why, "small group") + "a small group"
		}
		first = append(first, r)
	}
	all := slices.Concat(first, rest)
	return all[:min(len(all), shown)]
}

// narrow takes the steps of a question one after the other.
func (f *Finder) narrow(ctx context.Context, p handrail.Practice, ask dialogs.Query, u meaning.Understood, now time.Time) (meaning.Understood, error) {
	for i, step := range ask.Steps {
		if step.Without != nil {
			u = u.Without(meaning.Part(*step.Without))
			continue
		}
		switch toward(step.Words) {
		case closer, further:
			sofar := ask
			sofar.Steps = ask.Steps[:i]
			a, err := f.search(ctx, p, sofar, u, now)
			if _, unclear := whichPlace(err); unclear {
				return u, nil // the place is asked for first
			}
			if err != nil {
				return u, err
			}
			u.RadiusM = reach(u.RadiusM, a, toward(step.Words) == closer)
		case cheaper:
			u.Free = true
		case forWomen:
			u.SingleSex = "women"
		case forMen:
			u.SingleSex = "men"
		case quieter: // see quietFirst
		default:
			u = f.merge(u, step.Words)
		}
	}
	return u, nil
}

// reach is how far to look after "closer" or "further": as far as the nearer half of what was found, or twice as far as was
// looked. What was found decides, since half of a wide circle may hold the same groups.
func reach(radius int, a directory.Answer, nearer bool) int {
	const least = 400 // metres: below that every listing's own position is in doubt
	if nearer {
		away := make([]float64, 0, len(a.Results))
		for _, r := range a.Results {
			away = append(away, r.Metres)
		}
		slices.Sort(away)
		half := radius / 2
		if n := len(away); n > 0 {
			half = int(math.Ceil(away[(n-1)/2]/160.9344) * 160.9344) // a tenth of a mile up, as it is told
		}
		return max(least, half)
	}
	looked := a.Query.RadiusMetres
	if looked == 0 {
		looked = 8047 // five miles, what is looked at where nothing is said
	}
	return int(2 * max(looked, float64(radius)))
}

// merge is what was understood so far with one more thing said of it.
func (f *Finder) merge(u meaning.Understood, words string) meaning.Understood {
	n := f.Understand(notOnDay.ReplaceAllString(words, "not "))
	u.Days, u.Times = both(u.Days, n.Days), both(u.Times, n.Times)
	if len(n.Interests) > 0 {
		low := " " + strings.ToLower(words) + " "
		if strings.Contains(low, " also ") || strings.Contains(low, " or ") || strings.Contains(low, " too ") {
			u.Interests = sorted(u.Interests, n.Interests)
		} else {
			u.Interests = n.Interests
		}
	}
	u.Needs, u.Not = sorted(u.Needs, n.Needs), sorted(u.Not, n.Not)
	u.Interests = slices.DeleteFunc(slices.Clone(u.Interests), func(s string) bool { return slices.Contains(n.Not, s) })
	u.Free, u.StepFree, u.NoCar = u.Free || n.Free, u.StepFree || n.StepFree, u.NoCar || n.NoCar
	u.Home, u.Unlabelled, u.Buddy = u.Home || n.Home, u.Unlabelled || n.Unlabelled, u.Buddy || n.Buddy
	if n.RadiusM > 0 {
		u.RadiusM = n.RadiusM
	}
	if n.Age > 0 {
		u.Age = n.Age
	}
	for was, is := range map[*string]string{&u.Gender: n.Gender, &u.SingleSex: n.SingleSex, &u.Language: n.Language, &u.When: n.When} {
		if is != "" {
			*was = is
		}
	}
	return u
}

// both is what two wishes leave: what is in both, or the newer one where they have nothing in common. No wish is any.
func both(was, is []string) []string {
	if len(is) == 0 {
		return was
	}
	common := slices.DeleteFunc(slices.Clone(was), func(s string) bool { return !slices.Contains(is, s) })
	if len(common) == 0 {
		return is
	}
	return common
}

func sorted(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

// inWords is how a question was read; six days are told as the one that is left out.
func inWords(u meaning.Understood) string {
	names := map[string]string{"mon": "Mondays", "tue": "Tuesdays", "wed": "Wednesdays", "thu": "Thursdays", "fri": "Fridays", "sat": "Saturdays", "sun": "Sundays"}
	if len(u.Days) != len(names)-1 {
		return u.Words()
	}
	for _, d := range u.Days {
		delete(names, d)
	}
	u.Days = nil
	for _, left := range names {
		return text.Join(u.Words(), "not on "+left)
	}
	return u.Words()
}
