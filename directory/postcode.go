package directory

import "handrail/directory/postcode"

// FindPostcodes returns every postcode and outcode in a text, in order. Several are all reported: which one is meant is
// for the caller to ask (B26). It is postcode.Find under the directory's roof.
func FindPostcodes(text string) []postcode.Found { return postcode.Find(text) }
