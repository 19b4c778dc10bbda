package demo

import (
	"bytes"
	"encoding/json"
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

// eachText replaces each text that people read.
func eachText(at any, replace func(string) string) {
	switch at := at.(type) {
	case []any:
		for _, one := range at {
			eachText(one, replace)
		}
	case map[string]any:
		for name, one := range at {
			if name == "form" || name == "input_schema" {
				continue
			}
			if text, is := one.(string); is && words[name] {
				at[name] = replace(text)
			}
			eachText(one, replace)
		}
	}
}
