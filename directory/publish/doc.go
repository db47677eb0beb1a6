// Package publish gives the directory out again: an Open Referral UK v3 API (HSDS-UK 3.0) that anybody may read, so that a
// practice which keeps its listings here is not locked in. It is strict in what it writes: ids are UUIDs, nothing is null,
// a time that was only guessed is no schedule, and nobody is named as an assurer. What is known here of a listing besides
// what is public (who reported it closed, whether its organiser answers) stays here.
//
//	api, err := publish.New(publish.Options{Source: listings, Places: gazetteer, Clock: clock})
//	mux.Handle("/oruk/", http.StripPrefix("/oruk", api))
//
// The paths are /, /services, /service_at_locations, /taxonomies and /taxonomy_terms, each of the last four with /{id}.
// Lists are shallow, as the specification says; full=true nests everything, minimal=true gives ids and dates only, and
// format=ndjson gives everything at once, one a line.
//
// # A walk over changing pages
//
// A client that asks for page 1, 2, 3 and so on without filters gets each service once, whatever changes meanwhile: a
// listing keeps its place while the process runs, a new one goes to the end, and one that is taken away leaves a
// "defunct" record without its words in its place for a day, which also tells the clients that harvest by modified_after.
// With a filter a change may move a listing over a page's edge while somebody walks; such a client should ask once more
// with modified_after. After a restart the order is that of the listings' first day here, and then of their ids.
package publish
