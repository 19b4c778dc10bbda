package demo

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// Language is what the examples are written in. A definition has one, that of whoever drew it; only the fields of its forms, like those
// of node types, carry their titles in both.
type Language string

// The languages.
const (
	English Language = "en" // also the zero value
	Russian Language = "ru"
)

// words are what people read of a definition, by the name of its field in the document.
var words = map[string]bool{"title": true, "doc": true, "text": true, "subject": true, "message": true}

// quoted is a text in an expression. One of several words is for people, one word is a code that the process compares.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// translate puts the texts of the definition into Russian. The fields of its forms are in both languages as they are.
func (d *Definition) translate() {
	var russian map[string]string
	if err := json.Unmarshal(read("definition/ru.json"), &russian); err != nil {
		panic(err) // embedded, and read by tests
	}
	say := func(text string) string {
		if said, known := russian[text]; known {
			return said
		}
		return text
	}
	d.Title, d.Note = say(d.Title), say(d.Note)
	decoder := json.NewDecoder(bytes.NewReader(d.Document))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		panic(err)
	}
	eachText(document, say)
	var err error
	if d.Document, err = json.Marshal(document); err != nil {
		panic(err)
	}
}

// eachText replaces each text that people read: titles, letters, what an expression says, and the names of what a task shows.
func eachText(at any, replace func(string) string) {
	switch at := at.(type) {
	case []any:
		for i, one := range at {
			if text, is := one.(string); is {
				at[i] = said(text, replace)
			}
			eachText(one, replace)
		}
	case map[string]any:
		for name, one := range at {
			if name == "form" || name == "input_schema" {
				continue
			}
			if text, is := one.(string); is {
				if words[name] {
					text = replace(text)
				}
				at[name] = said(text, replace)
			}
			eachText(one, replace)
			if task, is := one.(map[string]any); is && name == "user" {
				task["input"] = named(task["input"], replace)
			}
		}
	}
}

// said replaces the texts of several words in an expression.
func said(expression string, replace func(string) string) string {
	if !strings.HasPrefix(expression, "=") {
		return expression
	}
	return quoted.ReplaceAllStringFunc(expression, func(literal string) string {
		text := literal[1 : len(literal)-1]
		if !strings.Contains(text, " ") {
			return literal
		}
		return `"` + replace(text) + `"`
	})
}

// named replaces the names of what is shown; no expression reads them.
func named(shown any, replace func(string) string) any {
	values, is := shown.(map[string]any)
	if !is {
		return shown
	}
	renamed := map[string]any{}
	for name, value := range values {
		renamed[replace(name)] = value
	}
	return renamed
}
