package directory

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"handrail"
)

func searchServer(t testing.TB, all []handrail.Activity) http.Handler {
	t.Helper()
	return SearchHandler(NewFinder(nil, NewIndex(all)), func() time.Time { return now })
}

func get(t testing.TB, h http.Handler, method, query string) (int, answered, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "/?"+query, nil))
	var a answered
	if w.Code == http.StatusOK && method == http.MethodGet {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code, a, w.Body.String()
}

func TestSearchHandler(t *testing.T) {
	h := searchServer(t, []handrail.Activity{
		{ID: "17", Name: "Chair yoga", Cost: free(), Venue: handrail.Venue{At: at(51.88, -0.42)}, Times: weekly(time.Tuesday, 600, 0)},
		{ID: "b", Name: "Yoga", Venue: handrail.Venue{At: at(51.88, -0.42)}, Access: handrail.Access{StepFree: handrail.Yes}, Times: weekly(time.Sunday, 600, 0)},
		{ID: "far", Name: "Chair yoga", Venue: handrail.Venue{At: at(53, -0.42)}},
	})
	for query, want := range map[string]string{
		"lat=51.88&lon=-0.42":                            "17 b",
		"lat=51.88&lon=-0.42&q=yogas":                    "17 b",
		"lat=51.88&lon=-0.42&q=chair+yoga":               "17",
		"lat=51.88&lon=-0.42&q=chair+yoga&radius_km=150": "17 far",
		"lat=51.88&lon=-0.42&day=1":                      "17",
		"lat=51.88&lon=-0.42&day=6":                      "b",
		"lat=51.88&lon=-0.42&day=6&free=1":               "",
		"lat=51.88&lon=-0.42&free=1":                     "17",
		"lat=51.88&lon=-0.42&free=0&step_free=1":         "b",
		"lat=51.88&lon=-0.42&limit=1":                    "17",
		"lat=51.88&lon=-0.42&q=quidditch":                "",
	} {
		status, a, body := get(t, h, http.MethodGet, query)
		var got []string
		for _, r := range a.Results {
			got = append(got, string(r.ID))
		}
		if status != http.StatusOK || strings.Join(got, " ") != want || a.Results == nil {
			t.Errorf("%s: %d %s, want %q", query, status, body, want)
		}
	}
	_, a, body := get(t, h, http.MethodGet, "lat=51.88&lon=-0.42&q=chair&explain=1")
	if len(a.Results) != 1 || a.Results[0].Parts.Sum() != a.Results[0].Score || a.Results[0].When != "Tuesdays, 10am" || a.Results[0].Why != "fits chair" {
		t.Errorf("explained: %s", body)
	}
}

func TestSearchHandler_SaysWhatItCannotRead(t *testing.T) {
	h := searchServer(t, many(10))
	for query, want := range map[string]string{
		"":                           "lat must be a number from -90 to 90.",
		"lat=51":                     "lon must be",
		"lat=NaN&lon=0":              "lat must be",
		"lat=91&lon=0":               "lat must be",
		"lat=51&lon=0&radius_km=0":   "radius_km must be",
		"lat=51&lon=0&radius_km=1e9": "radius_km must be",
		"lat=51&lon=0&radius_km=Inf": "radius_km must be",
		"lat=51&lon=0&day=7":         "day must be a number from 0 to 6.",
		"lat=51&lon=0&day=":          "day must be",
		"lat=51&lon=0&limit=0":       "limit must be",
		"lat=51&lon=0&limit=101":     "limit must be",
		"lat=51&lon=0&q=" + strings.Repeat("x", 501): "q must be 500 bytes at most.",
		"lat=51&lon=0&%zz":                           "not well formed",
	} {
		status, _, body := get(t, h, http.MethodGet, query)
		if status != http.StatusBadRequest || !strings.Contains(body, `{"error":"`) || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	if status, _, _ := get(t, h, http.MethodPost, "lat=51&lon=0"); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
	if status, _, _ := get(t, h, http.MethodHead, "lat=51&lon=0"); status != http.StatusOK {
		t.Errorf("HEAD: %d", status)
	}
}

func FuzzSearchHandler(f *testing.F) {
	h := searchServer(f, many(60))
	f.Add("lat=51.88&lon=-0.42&q=chair+yoga&day=1&free=1&step_free=1&limit=10&radius_km=3&explain=1")
	f.Add("lat=-90&lon=180&q=%00%ff&radius_km=200")
	f.Add("lat=90&lon=-180&day=0.5&limit=1.5")
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: "/", RawQuery: raw}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %d %s", raw, w.Code, w.Body)
		}
	})
}

func BenchmarkSearchHandler(b *testing.B) {
	groups, qs := bigDirectory(b, 5000)
	h := searchServer(b, groups)
	var requests []*http.Request
	for _, q := range qs {
		v := url.Values{}
		v.Set("lat", formatFloat(q.Near.At.Lat))
		v.Set("lon", formatFloat(q.Near.At.Lon))
		v.Set("radius_km", formatFloat(q.RadiusMetres/1000))
		if len(q.Words) > 0 {
			v.Set("q", q.Words[0])
		}
		requests = append(requests, httptest.NewRequest(http.MethodGet, "/?"+v.Encode(), nil))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), requests[i%len(requests)])
		i++
	}
}

func formatFloat(x float64) string {
	b, _ := json.Marshal(x)
	return string(b)
}
