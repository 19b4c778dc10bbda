// Package documentcompose is the node document.compose.pdf: a PDF made of headings, rows and paragraphs, such as a letter or an extract.
//
// It imports the sdk and pdf, and no other package of the product.
package documentcompose

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/taskurotta/taskurotta-go/workers/pdf"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Codes of the node's errors, both permanent.
const (
	CodeTooLong = "DOCUMENT_TOO_LONG"
	CodeName    = "FILE_NAME_INVALID"
)

// Row is a label with its value.
type Row struct {
	Label string `json:"label" title:"Label" title_ru:"Подпись" jsonschema:"maxLength=500"`
	Value string `json:"value" title:"Value" title_ru:"Значение"`
}

// Section is a part of the document: its title, then its rows, then its text.
type Section struct {
	Title string `json:"title,omitempty" title:"Title" title_ru:"Заголовок" jsonschema:"maxLength=500"`
	Rows  []Row  `json:"rows,omitempty" title:"Rows" title_ru:"Строки" jsonschema:"maxItems=500"`
	Text  string `json:"text,omitempty" title:"Text" title_ru:"Текст" doc:"Line breaks are kept." doc_ru:"Переносы строк сохраняются."`
}

// Input of the node.
type Input struct {
	Name     string     `json:"name" title:"File name" title_ru:"Имя файла" doc:".pdf is added when it is missing." doc_ru:".pdf добавляется, если его нет." jsonschema:"minLength=1,maxLength=200"`
	Title    string     `json:"title" title:"Title" title_ru:"Заголовок" jsonschema:"minLength=1,maxLength=500"`
	Sections []Section  `json:"sections,omitempty" title:"Sections" title_ru:"Разделы" jsonschema:"maxItems=200"`
	Footer   string     `json:"footer,omitempty" title:"Footer" title_ru:"Нижний колонтитул" jsonschema:"maxLength=300"`
	Language string     `json:"language,omitempty" title:"Language" title_ru:"Язык" doc:"For readers aloud: ru, en." doc_ru:"Для чтения вслух: ru, en." jsonschema:"pattern=^[a-zA-Z][a-zA-Z0-9-]*$,maxLength=35"`
	Made     *time.Time `json:"made,omitempty" title:"Made at" title_ru:"Составлен" doc:"Stands in the file's properties. Default: not said." doc_ru:"Указывается в свойствах файла. По умолчанию не указывается."`
}

// Output of the node.
type Output struct {
	File sdk.File `json:"file" title:"Document" title_ru:"Документ"`
}

// Node is document.compose.pdf@1.
var Node = sdk.Define("document.compose.pdf", 1, compose,
	sdk.Title("Compose a PDF", "Составить PDF"),
	sdk.Doc("Makes a PDF of a title and sections with rows and text: an extract, a letter, a list of remarks. The same input makes the same file.",
		"Составляет PDF из заголовка и разделов со строками и текстом: выписку, письмо, перечень замечаний. Одинаковые данные дают одинаковый файл."),
	sdk.Category("Documents", "Документы"), sdk.Icon("file-type-pdf"),
)

func compose(ctx context.Context, in Input) (Output, error) {
	name := path.Base(strings.TrimSpace(in.Name))
	if strings.ContainsAny(in.Name, `/\`) || strings.ContainsFunc(name, unicode.IsControl) || name == "." || name == ".." {
		return Output{}, sdk.Permanent(sdk.Failure(CodeName, errors.New("a file name has no slashes and no control characters")))
	}
	if !strings.EqualFold(path.Ext(name), ".pdf") {
		name += ".pdf"
	}
	document := &pdf.Document{Title: in.Title, Footer: in.Footer, Language: in.Language}
	if in.Made != nil {
		document.Made = *in.Made
	}
	document.Heading(in.Title)
	for _, section := range in.Sections {
		if section.Title != "" {
			document.Subheading(section.Title)
		}
		for _, row := range section.Rows {
			document.Row(row.Label, row.Value)
		}
		if section.Text != "" {
			document.Paragraph(section.Text)
		}
	}
	var out bytes.Buffer
	if err := document.Write(&out); errors.Is(err, pdf.ErrTooLong) {
		return Output{}, sdk.Permanent(sdk.Failure(CodeTooLong, err))
	} else if err != nil {
		return Output{}, err
	}
	sdk.Log(ctx, "%s, %d bytes", name, out.Len())
	file, err := sdk.Save(ctx, name, "application/pdf", &out)
	return Output{File: file}, err
}
