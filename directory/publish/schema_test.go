package publish_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"handrail"
)

// official compiles one of the specification's own schemas, with its formats checked.
func official(t testing.TB, path string) *jsonschema.Schema {
	t.Helper()
	file := filepath.Join(shared, "open-referral-uk", path)
	if _, err := os.Stat(strings.Split(file, "#")[0]); err != nil {
		t.Skip("the shared data is not beside the checkout: open-referral-uk/" + path)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// conform fails unless a body satisfies the schemas, and holds no null and no empty string but where an address must.
func conform(t testing.TB, what string, raw []byte, schemas ...*jsonschema.Schema) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, s := range schemas {
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	strict(t, what, "", v)
}

func strict(t testing.TB, what, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Errorf("%s: %s is null", what, at)
	case string:
		if v == "" && !strings.Contains(at, ".addresses") {
			t.Errorf("%s: %s is empty", what, at)
		}
	case []any:
		if len(v) == 0 && at != ".contents" {
			t.Errorf("%s: %s is an empty list", what, at)
		}
		for _, e := range v {
			strict(t, what, at+"[]", e)
		}
	case map[string]any:
		for k, e := range v {
			if k == "assurer_email" {
				t.Errorf("%s: %s names an assurer", what, at)
			}
			strict(t, what, at+"."+k, e)
		}
	}
}

func TestPublisher_SatisfiesTheOfficialSchemas(t *testing.T) {
	const compiled, schemata = "schema-3.0-compiled/", "spec-3.0/schemata/"
	wrapper := official(t, "spec-3.0/openapi.json#/components/schemas/Page")
	service := official(t, compiled+"service.json")
	serviceList := official(t, compiled+"service_list.json")
	placeList := official(t, compiled+"service_at_location_list.json")
	place := official(t, schemata+"service_at_location.json")
	taxonomyList, termList := official(t, compiled+"taxonomy_list.json"), official(t, compiled+"taxonomy_term_list.json")
	taxonomy, term := official(t, schemata+"taxonomy.json"), official(t, schemata+"taxonomy_term.json")

	for name, all := range map[string][]handrail.Activity{"demo": demoGroups(t), "edinburgh": edinburgh(t), "odd": odd(), "none": nil} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, all...)
			conform(t, "/", r.get("/"), official(t, compiled+"api_details.json"))
			for list, schema := range map[string]*jsonschema.Schema{"services": serviceList, "service_at_locations": placeList, "taxonomies": taxonomyList, "taxonomy_terms": termList} {
				single := map[string]*jsonschema.Schema{"services": service, "service_at_locations": place, "taxonomies": taxonomy, "taxonomy_terms": term}[list]
				for n, last := 1, false; !last; n++ {
					raw := r.get(fmt.Sprintf("/%s?page=%d&per_page=200", list, n))
					conform(t, list, raw, wrapper, schema)
					p := read[page](t, raw)
					last = p.LastPage
					for i, c := range p.Contents {
						if i%10 != 0 && p.TotalItems > 300 { // every service is looked at below, nested
							continue
						}
						id := read[struct{ ID string }](t, c).ID
						conform(t, list+"/"+id, r.get("/"+list+"/"+id), single)
					}
				}
			}
			for n, last := 1, false; !last; n++ {
				p := read[page](t, r.get(fmt.Sprintf("/services?full=true&page=%d", n)))
				last = p.LastPage
				for _, c := range p.Contents {
					conform(t, "full", c, service)
					one := r.get("/services/" + read[struct{ ID string }](t, c).ID)
					if string(one) != string(c)+"\n" {
						t.Errorf("alone it is another: %s", one)
					}
				}
			}
		})
	}
}

// odd are listings with parts that must not be published as they are.
func odd() []handrail.Activity {
	bad := group("x\x00y", "A <script>name</script> \xff")
	bad.Status = "gone fishing"
	bad.Organiser = handrail.Organiser{Name: "O", Website: "javascript:alert(1)", Email: "not an address", Phone: "01632 960101"}
	bad.Venue = handrail.Venue{Postcode: "LU1 1AA", At: &handrail.Point{Lat: 451, Lon: -0.4}}
	bad.MinAge, bad.MaxAge = -1, -1
	bad.Topics = []string{"a b/c?d#e%zz", "A B/C?D#E%ZZ", "", "\u202e"}
	bad.Languages = []string{"Polish", "Urdu"}
	bad.Times = []handrail.Recurrence{{Freq: "yearly"}, {Freq: handrail.Monthly}, {Freq: handrail.OnDates, Also: []handrail.Date{"2026-13-45"}}, {}, {}}
	bare := group("", "")
	bare.Name = "Bare"
	bare.Organiser.Website = "https://example.org/a b|c"
	return []handrail.Activity{bad, bare}
}

// A schema that let anything pass would prove nothing.
func TestOfficialSchemasCanFail(t *testing.T) {
	service := official(t, "schema-3.0-compiled/service.json")
	for _, raw := range []string{
		`{"id":"demo-1","name":"A","status":"active"}`,
		`{"id":"7a2f3a52-9d0b-4f0e-8f5a-1f4d6b2c3e4a","name":"A","status":"on holiday"}`,
		`{"id":"7a2f3a52-9d0b-4f0e-8f5a-1f4d6b2c3e4a","name":null,"status":"active"}`,
		`{"id":"7a2f3a52-9d0b-4f0e-8f5a-1f4d6b2c3e4a","name":"A","status":"active","url":"no address"}`,
		`{"id":"7a2f3a52-9d0b-4f0e-8f5a-1f4d6b2c3e4a","name":"A","status":"active","schedules":[{"id":"7a2f3a52-9d0b-4f0e-8f5a-1f4d6b2c3e4a","freq":"YEARLY"}]}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			t.Fatal(err)
		}
		if service.Validate(v) == nil {
			t.Errorf("passes: %s", raw)
		}
	}
}
