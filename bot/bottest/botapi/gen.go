//go:build ignore

// Gen writes spec.json from the declarations of the npm package @gramio/types, which is generated from Telegram's own
// pages and under the MIT licence. Run it in this folder when Telegram's Bot API has grown:
//
//	npm install --prefix /tmp/types @gramio/types
//	go run gen.go /tmp/types/node_modules/@gramio/types
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// methods are those whose calls are checked; any other is unknown to the server.
var methods = []string{
	"getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "getMe", "sendMessage", "sendPhoto", "sendDocument",
	"sendVenue", "sendLocation", "editMessageText", "editMessageCaption", "editMessageReplyMarkup", "answerCallbackQuery",
	"leaveChat", "deleteMessage", "sendChatAction", "setMyCommands", "getMyCommands", "deleteMyCommands", "setMyDescription",
	"getMyDescription", "setMyShortDescription", "getMyShortDescription",
}

// objects are those that a parameter of a call may be made of; a value of any other type fits nothing.
var objects = []string{
	"InlineKeyboardMarkup", "InlineKeyboardButton", "LinkPreviewOptions", "MessageEntity", "BotCommand", "ReplyParameters",
	"CopyTextButton", "User",
}

type field struct {
	Types    []string `json:"types"`
	Required bool     `json:"required,omitempty"`
	Min      int      `json:"min,omitempty"`
	Max      int      `json:"max,omitempty"`
	Unit     string   `json:"unit,omitempty"`
}

type spec struct {
	Source  string                      `json:"source"`
	Licence string                      `json:"licence"`
	Version string                      `json:"version"`
	Methods map[string]map[string]field `json:"methods"`
	Objects map[string]map[string]field `json:"objects"`
}

var (
	member = regexp.MustCompile(`^    ([a-z_0-9]+)(\?)?: (.*)$`)
	bounds = regexp.MustCompile(`\b(\d+)-(\d+) (characters|bytes)`)
	single = regexp.MustCompile(`^"([^"]*)"$`)
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run gen.go FOLDER-OF-@gramio/types")
		os.Exit(2)
	}
	params, objs := read("params.d.ts"), read("objects.d.ts")
	s := spec{
		Source:  "npm package @gramio/types, out/params.d.ts and out/objects.d.ts, https://github.com/gramiojs/types",
		Licence: "MIT, Copyright (c) 2024 Kravets",
		Version: regexp.MustCompile(`Based on (Bot API v[0-9.]+ \([0-9.]+\))`).FindStringSubmatch(params)[1],
		Methods: map[string]map[string]field{}, Objects: map[string]map[string]field{},
	}
	for _, m := range methods {
		s.Methods[m] = members(params, strings.ToUpper(m[:1])+m[1:]+"Params", objs)
	}
	for _, o := range objects {
		s.Objects[o] = members(objs, "Telegram"+o, objs)
		if len(s.Objects[o]) == 0 {
			panic("no object " + o)
		}
	}
	out, err := json.MarshalIndent(s, "", " ")
	if err == nil {
		err = os.WriteFile("spec.json", append(out, '\n'), 0o644)
	}
	if err != nil {
		panic(err)
	}
}

func read(name string) string {
	raw, err := os.ReadFile(filepath.Join(os.Args[1], "out", name))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// members reads one interface; none when there is no such interface (a method without parameters).
func members(text, name, objs string) map[string]field {
	out := map[string]field{}
	start := strings.Index(text, "\nexport interface "+name+" {\n")
	if start < 0 {
		return out
	}
	body := text[start:]
	body = body[:strings.Index(body, "\n}\n")]
	comment := ""
	body = regexp.MustCompile(`:\n +\| `).ReplaceAllString(body, ": ") // alternatives over several lines
	body = regexp.MustCompile(`\n +\| `).ReplaceAllString(body, " | ")
	for line := range strings.SplitSeq(body, "\n") {
		if strings.HasPrefix(line, "     *") {
			comment += line
			continue
		}
		m := member.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		f := field{Types: types(m[3], objs), Required: m[2] == ""}
		if b := bounds.FindStringSubmatch(comment); b != nil {
			f.Min, _ = strconv.Atoi(b[1])
			f.Max, _ = strconv.Atoi(b[2])
			f.Unit = b[3]
		}
		out[m[1]], comment = f, ""
	}
	return out
}

// types are the alternatives: "string", "number", "boolean", "=literal", "file", "name of an object", each with "[]" for
// a list of it.
func types(t, objs string) []string {
	list := strings.HasSuffix(t, "[]")
	for strings.HasSuffix(t, "[]") {
		t = strings.TrimSuffix(strings.TrimSuffix(t, "[]"), ")")
		t = strings.TrimPrefix(t, "(")
		if strings.HasSuffix(t, "[]") {
			return []string{"list of lists of " + types(strings.TrimSuffix(t, "[]"), objs)[0]}
		}
	}
	if strings.HasPrefix(t, "Exclude<") {
		t = "string"
	}
	var out []string
	for a := range strings.SplitSeq(t, " | ") {
		a = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(a), "Objects."), "Telegram")
		switch {
		case strings.HasPrefix(a, "{ "): // what JavaScript turns into one of the others
			continue
		case a == "InputFile":
			a = "file"
		case a == "true" || a == "false":
			a = "boolean"
		case single.MatchString(a):
			a = "=" + single.FindStringSubmatch(a)[1]
		default:
			// A type that is only a list of words.
			if i := strings.Index(objs, "\nexport type Telegram"+a+" ="); i >= 0 {
				def := objs[i+1:]
				def = def[strings.Index(def, "=")+1:]
				def = strings.TrimSpace(def[:strings.Index(def+"\n\n", "\n\n")])
				if words := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(def, -1); words != nil && !strings.Contains(def, "Telegram") {
					for _, w := range words {
						out = append(out, "="+w[1])
					}
					continue
				}
			}
		}
		out = append(out, a)
	}
	if list {
		for i := range out {
			out[i] += "[]"
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
