// Package documentinspect is the node document.inspect: what a file is by its content, and whether it is in order. Parsing
// happens in a child process with limits on memory, time and output, because documents come from strangers.
//
// It imports the sdk and parsers, and no other package of the product.
package documentinspect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// CodeInvalid is the business error of a strict inspection that found an error.
const CodeInvalid = "DOCUMENT_INVALID"

// MaxSize is the largest file that is inspected, in bytes.
const MaxSize = 100 << 20

// Input of the node.
type Input struct {
	File   sdk.File `json:"file" title:"File" title_ru:"Файл" doc:"What to inspect." doc_ru:"Что проверить."`
	Strict bool     `json:"strict,omitempty" title:"Strict" title_ru:"Строго" doc:"End with the error DOCUMENT_INVALID when the file is not in order." doc_ru:"Завершить ошибкой DOCUMENT_INVALID, если файл не в порядке."`
	Accept []string `json:"accept,omitempty" title:"Accepted types" title_ru:"Допустимые типы" doc:"Media types, e.g. application/pdf. Empty: any." doc_ru:"Типы, например application/pdf. Пусто: любые."`
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Code     string `json:"code" title:"Code" title_ru:"Код"` // e.g. pdf.unreadable
	Message  string `json:"message" title:"Message" title_ru:"Сообщение"`
	Severity string `json:"severity" title:"Severity" title_ru:"Важность" jsonschema:"enum=error,enum=warning"`
}

// Output of the node. Valid means that no problem is an error.
type Output struct {
	Valid     bool      `json:"valid" title:"In order" title_ru:"В порядке"`
	Problems  []Problem `json:"problems" title:"Problems" title_ru:"Замечания"`
	MediaType string    `json:"media_type" title:"Type by content" title_ru:"Тип по содержимому"`
	Size      int64     `json:"size" title:"Size, bytes" title_ru:"Размер, байт"`
	SHA256    string    `json:"sha256" title:"SHA-256" title_ru:"SHA-256"`
	Pages     int       `json:"pages" title:"Pages of a PDF" title_ru:"Страниц PDF"`
	Encrypted bool      `json:"encrypted" title:"Encrypted" title_ru:"Зашифрован"`
	XMLRoot   string    `json:"xml_root,omitempty" title:"Root element" title_ru:"Корневой элемент"`
}

// Node is document.inspect@1.
var Node = sdk.Define("document.inspect", 1, inspect,
	sdk.Title("Inspect a file", "Проверить файл"),
	sdk.Doc("Looks into a file: its type by content, size, SHA-256; whether a PDF opens, its pages and encryption; whether an XML is well formed; whether the extension fits the content. Strict: a file that is not in order ends with `DOCUMENT_INVALID`.",
		"Смотрит внутрь файла: тип по содержимому, размер, SHA-256; открывается ли PDF, сколько в нём страниц и зашифрован ли он; правильно ли построен XML; подходит ли расширение к содержимому. Строго: файл с ошибками завершает шаг кодом `DOCUMENT_INVALID`."),
	sdk.Category("Documents", "Документы"), sdk.Icon("file-search"),
	sdk.Answers(CodeInvalid, "The file is not in order", "Файл не в порядке"),
)

func inspect(ctx context.Context, in Input) (Output, error) {
	local, digest, size, err := fetch(ctx, in.File)
	if err != nil {
		return Output{}, err
	}
	defer os.Remove(local)
	sdk.Progress(ctx, 30, "reading")
	extension := extensionOf(in.File.Name)
	var verdict verdict
	if size > MaxSize {
		verdict, err = unreadable(local, "file.too_large", fmt.Sprintf("the file is larger than %d MiB", MaxSize>>20))
	} else {
		verdict, err = parse(ctx, local, extension)
	}
	if err != nil {
		return Output{}, err
	}
	out := Output{
		Problems: verdict.Problems, MediaType: verdict.MediaType, Size: size, SHA256: digest, Pages: verdict.Pages,
		Encrypted: verdict.Encrypted, XMLRoot: verdict.XMLRoot,
	}
	if out.Problems == nil {
		out.Problems = []Problem{}
	}
	if size == 0 {
		out.add("file.empty", "the file is empty")
	}
	if size > 0 && mismatch(extension, verdict.Types) {
		out.add("type.mismatch", fmt.Sprintf("the name ends with .%s but the content is %s", extension, verdict.MediaType))
	}
	if len(in.Accept) > 0 && !accepted(in.Accept, verdict.Types) {
		out.add("type.not_accepted", fmt.Sprintf("%s is not among the accepted types %s", verdict.MediaType, strings.Join(in.Accept, ", ")))
	}
	out.Valid = true
	var first string
	for _, problem := range out.Problems {
		sdk.Log(ctx, "%s %s: %s", problem.Severity, problem.Code, problem.Message)
		if problem.Severity == "error" {
			out.Valid = false
			if first == "" {
				first = problem.Message
			}
		}
	}
	sdk.Log(ctx, "%s, %d bytes, sha256 %s", out.MediaType, out.Size, out.SHA256)
	if in.Strict && !out.Valid {
		return Output{}, sdk.Business(CodeInvalid, fmt.Sprintf("%s: %s", in.File.Name, first))
	}
	return out, nil
}

func (o *Output) add(code, message string) {
	o.Problems = append(o.Problems, Problem{Code: code, Message: message, Severity: "error"})
}

// fetch copies the file to the local disk and returns its digest and size; of a file over MaxSize it copies the beginning.
func fetch(ctx context.Context, file sdk.File) (local, digest string, size int64, err error) {
	content, err := sdk.Open(ctx, file)
	if err != nil {
		return "", "", 0, fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer content.Close()
	temp, err := os.CreateTemp("", "taskurotta-inspect-*")
	if err != nil {
		return "", "", 0, err
	}
	defer func() {
		err = errors.Join(err, temp.Close())
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(temp, hash), io.LimitReader(content, MaxSize+1))
	if err != nil {
		return "", "", 0, fmt.Errorf("fetch %s: %w", file.Name, err)
	}
	digest = hex.EncodeToString(hash.Sum(nil))
	if size > MaxSize {
		return temp.Name(), "", max(size, file.Size), nil
	}
	if "sha256:"+digest != file.Ref {
		return "", "", 0, sdk.Failure("FILE_DAMAGED", fmt.Errorf("%s arrived as other content than %s", file.Name, file.Ref))
	}
	return temp.Name(), digest, size, nil
}
