package feeds_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"handrail/directory/feeds"

	"pgregory.net/rapid"
)

// Whatever a publisher does and however its server fails, a listing that it has had all the while is never taken to be
// gone; and once it holds still for a week, what we have is what it has.
func TestPull_B25_NeverRemovesWhatIsThere(t *testing.T) {
	p := &publisher{}
	f := publish(t, p)
	f.PerPage = 4
	c := newClient(t)
	rapid.Check(t, func(rt *rapid.T) {
		*p = publisher{base: p.base, modified: rapid.Bool().Draw(rt, "modified_after"), etags: rapid.Bool().Draw(rt, "etags"), v1: rapid.Bool().Draw(rt, "v1"),
			shallow: rapid.Bool().Draw(rt, "shallow"), single: true, services: someServices(rapid.IntRange(0, 15).Draw(rt, "services"))}
		feed := f
		if p.v1 {
			feed.Format = "oruk1"
		}
		now, made := monday, len(p.services)
		var s feeds.State
		have := map[string]string{} // id and name
		remove := func() {
			if n := len(p.services); n > 0 {
				i := rapid.IntRange(0, n-1).Draw(rt, "which")
				p.services = slices.Delete(slices.Clone(p.services), i, i+1)
			}
		}
		pull := func() (err error) {
			there := map[string]bool{}
			for _, one := range p.services {
				there[one["id"].(string)] = true
			}
			before := len(have)
			var got feeds.Pulled
			if got, s, err = c.Pull(rt.Context(), feed, s, now); err != nil && before > 0 && (got.Full || len(got.Gone) > 0) {
				rt.Fatalf("a failed pull removes something: %v", err)
			}
			s = through(t, s)
			still := map[string]bool{}
			for _, one := range p.services {
				still[one["id"].(string)] = there[one["id"].(string)]
			}
			kept := map[string]string{}
			for id, name := range have {
				if !got.Full {
					kept[id] = name
				}
			}
			for _, id := range got.Gone {
				delete(kept, string(id))
			}
			for _, a := range got.Activities {
				if kept[string(a.ID)] = a.Name; len(a.Times) == 0 {
					rt.Fatalf("a summary took the place of %s", a.ID)
				}
			}
			for id := range have {
				if _, ok := kept[id]; !ok && still[id] {
					rt.Fatalf("%s is there and was taken to be gone (full %v, notes %v)", id, got.Full, got.Notes)
				}
			}
			have = kept
			return err
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0:
				one := someServices(1)[0]
				made++
				one["id"], one["name"], one["last_modified"] = fmt.Sprintf("service-%04d", made), fmt.Sprintf("Group %d", made), now.Format(time.RFC3339)
				p.services = slices.Insert(slices.Clone(p.services), rapid.IntRange(0, len(p.services)).Draw(rt, "where"), one)
			case 1:
				remove()
			case 2:
				if n := len(p.services); n > 0 {
					one := p.services[rapid.IntRange(0, n-1).Draw(rt, "which")]
					one["name"], one["last_modified"] = fmt.Sprintf("Renamed at %s", now), now.Format(time.RFC3339)
				}
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
			default:
				at := rapid.IntRange(1, 12).Draw(rt, "at request")
				fault := rapid.SampledFrom([]string{"", "", "page", "break", "500", "shrinks", "repeats", "404"}).Draw(rt, "fault")
				p.asked = nil
				p.before = func(w http.ResponseWriter, r *http.Request, n int) bool {
					if n != at {
						return false
					}
					switch fault {
					case "page":
						fmt.Fprint(w, "<html>")
					case "break":
						fmt.Fprint(w, `{"contents":[{"id":`)
						w.(http.Flusher).Flush()
						panic(http.ErrAbortHandler)
					case "500":
						w.WriteHeader(http.StatusInternalServerError)
					case "404":
						if r.URL.Path != p.base { // a single service that is there, said not to be: it is the publisher's word
							return false
						}
						w.WriteHeader(http.StatusNotFound)
					case "shrinks":
						if len(p.services) > 0 {
							p.services = slices.Delete(slices.Clone(p.services), 0, 1)
						}
						return false
					case "repeats":
						q := r.URL.Query()
						q.Set("page", "1")
						r.URL.RawQuery = q.Encode()
						return false
					default:
						return false
					}
					return true
				}
				_ = pull()
				p.before = nil
			}
		}
		for range 2 { // a list that lost records is believed the second time
			now = now.AddDate(0, 0, 8)
			if err := pull(); err != nil {
				rt.Fatalf("at rest: %v", err)
			}
		}
		want := map[string]string{}
		for _, one := range p.services {
			want[one["id"].(string)] = one["name"].(string)
		}
		if fmt.Sprint(want) != fmt.Sprint(have) {
			rt.Fatalf("we have\n%v\nand the publisher has\n%v", have, want)
		}
	})
}
