package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// CountInput is what document.count needs. Its JSON Schema, and with it the node's form, comes from the fields and tags.
type CountInput struct {
	File sdk.File `json:"file" title:"File" title_ru:"Файл" doc:"The text to count." doc_ru:"Текст, который считать."`
	Unit string   `json:"unit,omitempty" title:"Unit" title_ru:"Единица" jsonschema:"enum=lines,enum=words,default=words"`
}

// CountOutput is what document.count answers.
type CountOutput struct {
	Count int `json:"count" title:"Count" title_ru:"Количество" jsonschema:"minimum=0"`
}

// Count is the node type document.count@1. A worker program is worker.Run(worker.Config{Pool: "texts"}, Count).
var Count = sdk.Define("document.count", 1, count,
	sdk.Title("Count words", "Посчитать слова"),
	sdk.Category("Documents", "Документы"), sdk.Icon("abacus"),
	sdk.Answers("EMPTY", "The file is empty", "Файл пуст"),
)

func count(ctx context.Context, in CountInput) (CountOutput, error) {
	content, err := sdk.Open(ctx, in.File)
	if err != nil {
		return CountOutput{}, err // retried by the policy that the analyst chose
	}
	defer content.Close()
	raw, err := io.ReadAll(content)
	if err != nil {
		return CountOutput{}, sdk.RetryAfter(10*time.Second, err)
	}
	if len(raw) == 0 {
		return CountOutput{}, sdk.Business("EMPTY", "there is nothing to count")
	}
	sdk.Progress(ctx, 50, "counting")
	sdk.Log(ctx, "%s has %d bytes", in.File.Name, len(raw))
	if in.Unit == "lines" {
		return CountOutput{Count: strings.Count(string(raw), "\n")}, nil
	}
	return CountOutput{Count: len(strings.Fields(string(raw)))}, nil
}

func ExampleDefine() {
	fmt.Println(Count.Type(), Count.Descriptor.Title.RU)
	// Output: document.count@1 Посчитать слова
}

func ExampleBusiness() {
	err := sdk.Business("EMPTY", "there is nothing to count")
	told := sdk.ToWire(fmt.Errorf("count a.txt: %w", err))
	fmt.Println(told.Class, told.Code)
	// Output: business EMPTY
}

func ExamplePermanent() {
	told := sdk.ToWire(sdk.Permanent(errors.New("the format is not supported")))
	fmt.Println(told.Class, told.Code, told.Message)
	// Output: permanent FAILED the format is not supported
}

func ExampleRetryAfter() {
	told := sdk.ToWire(sdk.RetryAfter(time.Minute, errors.New("the register is closed")))
	fmt.Println(told.Class, time.Duration(told.RetryAfterMS)*time.Millisecond)
	// Output: retryable 1m0s
}

func ExampleNode_Run() {
	double := sdk.Define("number.double", 1, func(_ context.Context, in struct {
		N int `json:"n"`
	}) (struct {
		N int `json:"n"`
	}, error) {
		in.N *= 2
		return in, nil
	})
	out, err := double.Run(context.Background(), json.RawMessage(`{"n":21}`))
	fmt.Println(string(out), err)
	// Output: {"n":42} <nil>
}
