package publish

import (
	"net/url"
	"slices"
	"strings"

	"handrail"
)

type taxonomy struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	URI         string `json:"uri"`
	Terms       []term `json:"taxonomy_terms,omitempty"`
}

type term struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Taxonomy    string `json:"taxonomy"`
	TaxonomyID  string `json:"taxonomy_id"`
	URI         string `json:"term_uri"`
}

type attribute struct {
	ID       string `json:"id"`
	LinkType string `json:"link_type"`
	Term     *term  `json:"taxonomy_term"`
}

// The taxonomies by the middle of their terms' URIs: handrail:interest:gardening.
const (
	interests = "interest"
	needs     = "need"
	subjects  = "subject"
	audience  = "audience"
)

func taxonomies() []taxonomy {
	one := func(kind, name, describe string) taxonomy {
		return taxonomy{ID: taxonomyID(kind), Name: name, Description: describe, URI: "handrail:" + kind}
	}
	return []taxonomy{
		one(interests, taxonomyInterests, describeInterests), one(needs, taxonomyNeeds, describeNeeds),
		one(subjects, taxonomySubjects, describeSubjects), one(audience, taxonomyAudience, describeAudience),
	}
}

func taxonomyID(kind string) string { return derived("taxonomy", kind).String() }

// vocabulary is the terms of one edition. A topic of a listing that is a word of our closed lists is a term of theirs;
// any other is a subject in its publisher's words. Letter case doesn't count.
type vocabulary struct {
	kinds map[string]string // interest or need, by lower-case word
	terms map[string]*term  // by lower-case name
	all   []*term           // in order of taxonomy and name
	byID  map[string]*term
}

func newVocabulary(kinds map[string]string) *vocabulary {
	return &vocabulary{kinds: kinds, terms: map[string]*term{}, byID: map[string]*term{}}
}

// topicKey is a topic as it counts: "Arts_Crafts" is "arts crafts".
func topicKey(topic string) string { return strings.ToLower(strings.ReplaceAll(topic, "_", " ")) }

// learn takes in the terms of a listing.
func (v *vocabulary) learn(a *handrail.Activity) {
	for _, topic := range a.Topics {
		key := topicKey(topic)
		if key == "" || v.terms[key] != nil {
			continue
		}
		kind, say, of := subjects, describeSubjectTerm, taxonomySubjects
		switch v.kinds[key] {
		case interests:
			kind, say, of = interests, describeInterestTerm, taxonomyInterests
		case needs:
			kind, say, of = needs, describeNeedTerm, taxonomyNeeds
		}
		v.put(key, &term{ID: derived("term", kind, key).String(), Name: topic, Description: say, Taxonomy: of, TaxonomyID: taxonomyID(kind),
			URI: "handrail:" + kind + ":" + url.PathEscape(strings.ReplaceAll(key, " ", "_"))})
	}
	if key, t := whom(a); t != nil && v.terms[key] == nil {
		v.put(key, t)
	}
}

func (v *vocabulary) put(key string, t *term) {
	v.terms[key] = t
	v.byID[t.ID] = t
	v.all = append(v.all, t)
}

// sort puts the terms in order, once all are learnt.
func (v *vocabulary) sort() {
	place := map[string]int{}
	for i, t := range taxonomies() {
		place[t.ID] = i
	}
	slices.SortFunc(v.all, func(x, y *term) int {
		if d := place[x.TaxonomyID] - place[y.TaxonomyID]; d != 0 {
			return d
		}
		return strings.Compare(x.URI, y.URI)
	})
}

// whom is the term for whom a single-sex group is for, by a name that no topic can have.
func whom(a *handrail.Activity) (string, *term) {
	of := func(name, describe, uri string) *term {
		return &term{ID: derived("term", audience, uri).String(), Name: name, Description: describe,
			Taxonomy: taxonomyAudience, TaxonomyID: taxonomyID(audience), URI: uri}
	}
	switch a.For {
	case handrail.SexWomen:
		return "\x00women", of(termWomen, describeWomen, "esdCircumstance:Gender_Female")
	case handrail.SexMen:
		return "\x00men", of(termMen, describeMen, "esdCircumstance:Gender_Male")
	}
	return "", nil
}

// of are the terms of a listing, each once.
func (v *vocabulary) of(a *handrail.Activity) []*term {
	var out []*term
	add := func(key string) {
		if t := v.terms[key]; t != nil && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, topic := range a.Topics {
		add(topicKey(topic))
	}
	if key, t := whom(a); t != nil {
		add(key)
	}
	return out
}

func (e *edition) attributes(a *handrail.Activity, service string) []attribute {
	var out []attribute
	for _, t := range e.words.of(a) {
		out = append(out, attribute{ID: derived("attribute", service, t.ID).String(), LinkType: "taxonomy_term", Term: t})
	}
	return out
}
