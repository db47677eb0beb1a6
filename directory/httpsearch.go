package directory

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"handrail"
)

// The bounds of a search over HTTP.
const (
	maxRadiusKm = 200
	maxLimit    = 100
	maxQ        = 500 // bytes
)

// SearchHandler answers searches of programs, for the private listener: nothing of it is personal, but it says what an
// organiser's silence counts.
//
//	GET ?lat=51.88&lon=-0.42&radius_km=5&q=chair+yoga&day=1&free=1&step_free=1&limit=10&explain=1
//
// Only lat and lon must be given. Every word of q must match; day is 0 for Monday; free, step_free and explain are only
// given when they are wanted. The answer is {"results": [{"id": ..., "name": ...}, ...]}, best first; with explain each
// result has its parts. A question that cannot be read is answered 400 and {"error": ...}, one sentence.
func SearchHandler(f *Finder, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			answer(w, http.StatusMethodNotAllowed, problem{"Only GET is answered here."})
			return
		}
		v, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			answer(w, http.StatusBadRequest, problem{"The question is not well formed."})
			return
		}
		q, wrong := readQuery(v)
		if wrong != "" {
			answer(w, http.StatusBadRequest, problem{wrong})
			return
		}
		q.Now = now()
		results := f.Index().Search(q)
		found := answered{Results: make([]answeredResult, len(results))}
		for i := range results {
			found.Results[i] = answeredResultOf(&results[i], v.Get("explain") == "1")
		}
		answer(w, http.StatusOK, found)
	})
}

type problem struct {
	Error string `json:"error"`
}

type answered struct {
	Results []answeredResult `json:"results"`
}

type answeredResult struct {
	ID      handrail.ActivityID `json:"id"`
	Name    string              `json:"name"`
	When    string              `json:"when"`
	Metres  int                 `json:"metres"`
	Cost    string              `json:"cost"`
	Access  string              `json:"access"`
	Checked string              `json:"checked"`
	Warning string              `json:"warning,omitempty"`
	Why     string              `json:"why"`
	Score   float64             `json:"score"`
	Parts   Parts               `json:"parts,omitempty"`
}

func answeredResultOf(r *Result, explain bool) answeredResult {
	out := answeredResult{
		ID: r.Activity.ID, Name: r.Activity.Name, When: r.When, Metres: int(math.Round(r.Metres)), Cost: r.CostText, Access: r.AccessText,
		Checked: r.CheckedText, Warning: r.Warning, Why: r.Why, Score: r.Score,
	}
	if explain {
		out.Parts = r.Parts
	}
	return out
}

// answer writes v. A client that has gone is nobody to tell.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // no value here can fail
		status, body = http.StatusInternalServerError, []byte(`{"error":"The answer could not be written."}`)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// readQuery reads a question; wrong is a sentence that says what cannot be read.
func readQuery(v url.Values) (q Query, wrong string) {
	number := func(name string, low, high float64) float64 {
		x, err := strconv.ParseFloat(v.Get(name), 64)
		if wrong == "" && (err != nil || !(x >= low && x <= high)) { // NaN is neither
			wrong = name + " must be a number from " + strconv.FormatFloat(low, 'f', -1, 64) + " to " + strconv.FormatFloat(high, 'f', -1, 64) + "."
		}
		return x
	}
	at := handrail.Point{Lat: number("lat", -90, 90), Lon: number("lon", -180, 180)}
	q.Near = &Spot{At: at, Label: "that point", Precision: PrecisionFull}
	if v.Has("radius_km") {
		q.RadiusMetres = 1000 * number("radius_km", 0.001, maxRadiusKm)
	}
	if v.Has("day") {
		q.Days = []time.Weekday{time.Weekday((int(number("day", 0, 6)) + 1) % 7)}
	}
	if v.Has("limit") {
		q.Limit = int(number("limit", 1, maxLimit))
	}
	if words := v.Get("q"); words != "" {
		if wrong == "" && len(words) > maxQ {
			wrong = "q must be " + strconv.Itoa(maxQ) + " bytes at most."
		}
		q.Words, q.AllWords = []string{words}, true
	}
	q.Free, q.StepFree = v.Get("free") == "1", v.Get("step_free") == "1"
	return q, wrong
}
