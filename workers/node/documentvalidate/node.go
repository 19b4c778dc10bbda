// Package documentvalidate is the node document.validate.xml: whether an XML document is what an XML Schema says. The work is
// done by xmllint, in a child process with limits and without a network.
//
// It imports the sdk and confine, and no other package of the product.
package documentvalidate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/taskurotta/taskurotta-go/workers/confine"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Codes of the node's errors.
const (
	CodeInvalid = "XML_INVALID"    // business: strict, and the document does not fit
	CodeSchema  = "SCHEMA_INVALID" // permanent: the schema itself is wrong
	CodeTool    = "TOOL_MISSING"   // permanent: the worker has no xmllint
	CodeDamaged = "FILE_DAMAGED"
)

// MaxSize is the largest document or schema that is read, in bytes.
const MaxSize = 32 << 20

// Input of the node.
type Input struct {
	File   sdk.File   `json:"file" title:"Document" title_ru:"Документ"`
	Schema *sdk.File  `json:"schema,omitempty" title:"Schema (XSD)" title_ru:"Схема (XSD)" doc:"As a file. Give this or the schema as text." doc_ru:"Файлом. Укажите его или схему текстом."`
	Text   string     `json:"schema_text,omitempty" title:"Schema as text" title_ru:"Схема текстом" doc:"The schema itself, kept with the definition." doc_ru:"Сама схема, хранится вместе с определением." jsonschema:"maxLength=131072"`
	Parts  []sdk.File `json:"parts,omitempty" title:"Parts of the schema" title_ru:"Части схемы" doc:"Files that the schema includes or imports, by their names." doc_ru:"Файлы, которые схема включает или импортирует, под своими именами." jsonschema:"maxItems=100"`
	Strict bool       `json:"strict,omitempty" title:"Strict" title_ru:"Строго" doc:"End with the error XML_INVALID when the document does not fit." doc_ru:"Завершить ошибкой XML_INVALID, если документ не подходит."`
}

// Problem is one thing that is wrong with a document.
type Problem struct {
	Code    string `json:"code" title:"Code" title_ru:"Код"` // xml.malformed, xml.doctype, xml.schema, file.limits, file.too_large
	Line    int    `json:"line" title:"Line" title_ru:"Строка"`
	Message string `json:"message" title:"Message" title_ru:"Сообщение"`
}

// Output of the node.
type Output struct {
	Valid    bool      `json:"valid" title:"Fits the schema" title_ru:"Подходит под схему"`
	Problems []Problem `json:"problems" title:"Problems" title_ru:"Замечания"` // the first 100
}

// Node is document.validate.xml@1.
var Node = sdk.Define("document.validate.xml", 1, validate,
	sdk.Title("Validate an XML", "Проверить XML по схеме"),
	sdk.Doc("Checks an XML document against an XML Schema (XSD 1.0) that is given as a file or as text. Strict: a document that does not fit ends with `XML_INVALID`.",
		"Проверяет документ XML по схеме (XSD 1.0), которая дана файлом или текстом. Строго: неподходящий документ завершает шаг кодом `XML_INVALID`."),
	sdk.Category("Documents", "Документы"), sdk.Icon("file-check"),
	sdk.Answers(CodeInvalid, "The document does not fit the schema", "Документ не подходит под схему"),
)

// schemaName is what the schema is called in messages.
func (in *Input) schemaName() string {
	if in.Schema != nil {
		return in.Schema.Name
	}
	return "the schema"
}

// limits of one run. Its memory holds the tree of the largest document.
var limits = confine.Limits{Memory: 1 << 30, Time: 20 * time.Second, Output: 256 << 10}

// children bounds how many run at once, whatever the worker's slots.
var children = make(chan struct{}, max(2, runtime.NumCPU()))

// The names that documents and schemas have for the tool. A part keeps its own name, which the schema refers to.
const (
	documentName = "document.xml"
	schemaName   = "schema.xsd"
)

var validPart = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_. -]*$`)

func validate(ctx context.Context, in Input) (Output, error) {
	if (in.Schema != nil) == (in.Text != "") {
		return Output{}, sdk.Permanent(sdk.Failure(CodeSchema, errors.New("give the schema as a file or as text, one of them")))
	}
	if in.File.Size > MaxSize {
		return answer(ctx, in, []Problem{{Code: "file.too_large", Message: fmt.Sprintf("the document is larger than %d MiB", MaxSize>>20)}})
	}
	select {
	case children <- struct{}{}:
		defer func() { <-children }()
	case <-ctx.Done():
		return Output{}, context.Cause(ctx)
	}
	folder, err := os.MkdirTemp("", "taskurotta-validate-*")
	if err != nil {
		return Output{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := fetchAll(ctx, in, folder); err != nil {
		return Output{}, err
	}
	if problem := prolog(filepath.Join(folder, documentName)); problem != nil {
		return answer(ctx, in, []Problem{*problem})
	}
	sdk.Progress(ctx, 50, "validating")
	result, err := confine.Run(ctx, limits, folder, "xmllint", "--noout", "--nonet", "--nowarning", "--schema", schemaName, documentName)
	switch {
	case errors.Is(err, confine.ErrMissing):
		return Output{}, sdk.Permanent(sdk.Failure(CodeTool, errors.New("the worker has no xmllint; install libxml2-utils (Debian) or libxml2 there and retry")))
	case errors.Is(err, confine.ErrLimit):
		return answer(ctx, in, []Problem{{Code: "file.limits", Message: "reading the document took more memory or time than allowed"}})
	case err != nil:
		return Output{}, err
	}
	return judge(ctx, in, result)
}

// Exit codes of xmllint.
const (
	exitValid     = 0
	exitMalformed = 1
	exitInvalid   = 3
	exitElsewhere = 4 // invalid, too
	exitSchema    = 5
	exitMemory    = 9
)

func judge(ctx context.Context, in Input, result confine.Result) (Output, error) {
	switch result.Exit {
	case exitValid:
		return answer(ctx, in, nil)
	case exitInvalid, exitElsewhere, exitMalformed:
		problems := read(result.Stderr, documentName)
		if len(problems) == 0 {
			problems = []Problem{{Code: "xml.malformed", Message: "the document can't be read"}}
		}
		return answer(ctx, in, problems)
	case exitSchema:
		message := "the schema can't be read"
		if problems := read(result.Stderr, ""); len(problems) > 0 {
			message = problems[0].Message
		}
		return Output{}, sdk.Permanent(sdk.Failure(CodeSchema, fmt.Errorf("%s: %s", in.schemaName(), message)))
	case exitMemory:
		return answer(ctx, in, []Problem{{Code: "file.limits", Message: "reading the document took more memory than allowed"}})
	default:
		return Output{}, fmt.Errorf("xmllint ended with %d: %s", result.Exit, clip(string(result.Stderr)))
	}
}

const mostProblems = 100

// line is how xmllint reports: file:line: [element name: ]kind : message.
var line = regexp.MustCompile(`^([^:]+):(\d+): (?:element [^:]+: )?(parser error|namespace error|Schemas validity error|Schemas parser error|[A-Za-z ]+ error) : (.*)$`)

// read returns what was said about one of our files; of all of them when name is empty. Everything else is left out: lines that
// quote a file could be quoting one of the worker.
func read(stderr []byte, name string) []Problem {
	var problems []Problem
	for text := range strings.Lines(string(stderr)) {
		found := line.FindStringSubmatch(strings.TrimSpace(text))
		if found == nil || name != "" && found[1] != name || filepath.Base(found[1]) != found[1] {
			continue
		}
		if len(problems) == mostProblems {
			break
		}
		code := "xml.malformed"
		if strings.HasPrefix(found[3], "Schemas") {
			code = "xml.schema"
		}
		number, _ := strconv.Atoi(found[2])
		problems = append(problems, Problem{Code: code, Line: number, Message: clip(found[4])})
	}
	return problems
}

func clip(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.TrimSpace(text), " "))
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "…"
	}
	return text
}

func answer(ctx context.Context, in Input, problems []Problem) (Output, error) {
	if problems == nil {
		problems = []Problem{}
	}
	for i, problem := range problems {
		if i == 20 {
			sdk.Log(ctx, "… and %d more", len(problems)-i)
			break
		}
		sdk.Log(ctx, "%s line %d: %s", problem.Code, problem.Line, problem.Message)
	}
	if in.Strict && len(problems) > 0 {
		return Output{}, sdk.Business(CodeInvalid, fmt.Sprintf("%s line %d: %s", in.File.Name, problems[0].Line, problems[0].Message))
	}
	return Output{Valid: len(problems) == 0, Problems: problems}, nil
}

// fetchAll writes document, schema and its parts into the folder.
func fetchAll(ctx context.Context, in Input, folder string) error {
	if err := fetch(ctx, in.File, filepath.Join(folder, documentName)); err != nil {
		return err
	}
	if in.Schema == nil {
		if err := os.WriteFile(filepath.Join(folder, schemaName), []byte(in.Text), 0o600); err != nil {
			return err
		}
	} else if err := fetch(ctx, *in.Schema, filepath.Join(folder, schemaName)); err != nil {
		return err
	}
	for _, part := range in.Parts {
		refuse := func(why string) error {
			return sdk.Permanent(sdk.Failure(CodeSchema, fmt.Errorf("the part %q of the schema %s", part.Name, why)))
		}
		if !validPart.MatchString(part.Name) || part.Name == documentName || part.Name == schemaName {
			return refuse("has a name that can't be a file's")
		}
		path := filepath.Join(folder, part.Name)
		if _, err := os.Lstat(path); err == nil {
			return refuse("is given twice")
		}
		if err := fetch(ctx, part, path); err != nil {
			return err
		}
	}
	return nil
}

// fetch copies a file and checks that it arrived whole.
func fetch(ctx context.Context, file sdk.File, path string) (err error) {
	content, err := sdk.Open(ctx, file)
	if err != nil {
		return fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer content.Close()
	target, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in a folder of its own
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(target, hash), io.LimitReader(content, MaxSize+1))
	switch {
	case err != nil:
		return fmt.Errorf("fetch %s: %w", file.Name, err)
	case size > MaxSize:
		return sdk.Permanent(sdk.Failure(CodeSchema, fmt.Errorf("%s is larger than %d MiB", file.Name, MaxSize>>20)))
	case "sha256:"+hex.EncodeToString(hash.Sum(nil)) != file.Ref:
		return sdk.Failure(CodeDamaged, fmt.Errorf("%s arrived as other content than %s", file.Name, file.Ref))
	}
	return nil
}

// longestProlog bounds what may stand before the root element.
const longestProlog = 1 << 20

// prolog refuses a document type declaration: it can name other files and declare entities. What can't be read here is left for
// the tool to judge.
func prolog(path string) *Problem {
	file, err := os.Open(path) //nolint:gosec // written above
	if err != nil {
		return nil
	}
	defer file.Close()
	reader := io.LimitReader(file, longestProlog)
	mark := make([]byte, 2)
	if n, _ := io.ReadFull(file, mark); n == 2 {
		if label := map[string]string{"\xFE\xFF": "utf-16be", "\xFF\xFE": "utf-16le"}[string(mark)]; label != "" {
			if reader, err = charset.NewReaderLabel(label, reader); err != nil {
				return nil
			}
		} else {
			reader = io.MultiReader(strings.NewReader(string(mark)), reader)
		}
	}
	decoder := xml.NewDecoder(reader)
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return input, nil // is decoded already
		}
		return charset.NewReaderLabel(label, input)
	}
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return nil
		}
		switch token.(type) {
		case xml.StartElement:
			return nil
		case xml.Directive:
			at, _ := decoder.InputPos()
			return &Problem{Code: "xml.doctype", Line: at, Message: "the document has a document type declaration, which is refused: it can name other files"}
		}
	}
}
