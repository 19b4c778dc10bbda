// Package demostep holds the nodes demo.step, which sleeps, fails and reports progress as told, and demo.noop, which does
// nothing. They are for trying the product out, for its tests and its benchmark.
package demostep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Input of demo.step.
type Input struct {
	SleepMS       int64           `json:"sleep_ms,omitempty" title:"Sleep, ms" title_ru:"Пауза, мс" jsonschema:"minimum=0,maximum=86400000"`
	ProgressSteps int             `json:"progress_steps,omitempty" title:"Progress reports" title_ru:"Отчётов о ходе" jsonschema:"minimum=0,maximum=1000" doc:"How often it tells how far it is." doc_ru:"Сколько раз сообщить о ходе работы."`
	LogLines      int             `json:"log_lines,omitempty" title:"Log lines" title_ru:"Строк журнала" jsonschema:"minimum=0,maximum=10000"`
	FailTimes     int             `json:"fail_times,omitempty" title:"Fail so many times" title_ru:"Сбоев подряд" jsonschema:"minimum=0,maximum=1000" doc:"The first attempts that fail." doc_ru:"Сколько первых попыток завершить сбоем."`
	FailCode      string          `json:"fail_code,omitempty" title:"Error code" title_ru:"Код ошибки"`
	FailClass     string          `json:"fail_class,omitempty" title:"Kind of failure" title_ru:"Вид сбоя" jsonschema:"enum=retryable,enum=permanent,enum=business,enum=panic"`
	Output        json.RawMessage `json:"output,omitempty" title:"Output" title_ru:"Результат"`
}

// Output of demo.step.
type Output struct {
	Attempt int             `json:"attempt" title:"Attempt" title_ru:"Попытка"`
	SleptMS int64           `json:"slept_ms" title:"Slept, ms" title_ru:"Пауза, мс"`
	Output  json.RawMessage `json:"output,omitempty" title:"Output" title_ru:"Результат"`
}

// Step is demo.step@1.
var Step = sdk.Define("demo.step", 1, step,
	sdk.Title("Demo step", "Демо-шаг"),
	sdk.Doc("Sleeps, fails and reports progress as told.", "Ждёт, сбоит и сообщает о ходе работы, как велено."),
	sdk.Category("Demo", "Демо"), sdk.Icon("player-play"),
)

func step(ctx context.Context, in Input) (Output, error) {
	attempt := sdk.RunInfo(ctx).Attempt
	for i := range in.LogLines {
		sdk.Log(ctx, "line %d of %d", i+1, in.LogLines)
	}
	parts := max(in.ProgressSteps, 1)
	began := time.Now()
	for i := range parts {
		until := time.Duration(in.SleepMS) * time.Millisecond * time.Duration(i+1) / time.Duration(parts)
		timer := time.NewTimer(until - time.Since(began))
		select {
		case <-ctx.Done():
			timer.Stop()
			return Output{}, context.Cause(ctx)
		case <-timer.C:
		}
		if in.ProgressSteps > 0 {
			sdk.Progress(ctx, (i+1)*100/parts, fmt.Sprintf("part %d of %d", i+1, parts))
		}
	}
	if attempt <= in.FailTimes {
		code := in.FailCode
		if code == "" {
			code = "DEMO_FAILED"
		}
		err := fmt.Errorf("attempt %d of %d that fail", attempt, in.FailTimes)
		switch in.FailClass {
		case "business":
			return Output{}, sdk.Business(code, err.Error())
		case "permanent":
			return Output{}, sdk.Permanent(sdk.Failure(code, err))
		case "panic":
			panic(errors.New(code))
		default:
			return Output{}, sdk.Failure(code, err)
		}
	}
	return Output{Attempt: attempt, SleptMS: time.Since(began).Milliseconds(), Output: in.Output}, nil
}

// NoopData is what demo.noop is given and gives back.
type NoopData struct {
	Document string `json:"document" title:"Anything" title_ru:"Что угодно"`
}

// Noop is demo.noop@1: its output is its input.
var Noop = sdk.Define("demo.noop", 1, func(_ context.Context, in NoopData) (NoopData, error) { return in, nil },
	sdk.Title("Do nothing", "Ничего не делать"),
	sdk.Doc("Gives back what it is given.", "Возвращает то, что получил."),
	sdk.Category("Demo", "Демо"), sdk.Icon("circle-dashed"),
)
