package publish_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"handrail"
	"handrail/directory/publish"
)

// garden is a directory of one group.
type garden struct{}

func (garden) Listings(context.Context) (publish.Snapshot, error) {
	return publish.Snapshot{Version: "1", Activities: []handrail.Activity{{
		ID: "3f2b6f7a-6f0e-4d5c-8a4f-2f6d1a9c7b10", Name: "Tuesday Gardeners", Status: handrail.ActivityActive,
		Times: []handrail.Recurrence{{Day: time.Tuesday, Start: handrail.At(10, 0), End: handrail.At(12, 0)}},
	}}}, nil
}

type fixed time.Time

func (f fixed) Now() time.Time { return time.Time(f) }

func Example() {
	api, err := publish.New(publish.Options{Source: garden{}, Clock: fixed(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/services/3f2b6f7a-6f0e-4d5c-8a4f-2f6d1a9c7b10", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Println(w.Body)
	// Output:
	// 200 application/json
	// {"id":"3f2b6f7a-6f0e-4d5c-8a4f-2f6d1a9c7b10","name":"Tuesday Gardeners","status":"active","schedules":[{"id":"3ed9d198-8332-564f-aa37-832cd08b21b4","freq":"WEEKLY","interval":1,"byday":"TU","opens_at":"10:00","closes_at":"12:00"}]}
}
