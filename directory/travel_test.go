package directory

import (
	"testing"

	"pgregory.net/rapid"
)

func travels() []Travel { return []Travel{TravelUnknown, Walking, Bus, Car} }

func TestTravelText(t *testing.T) {
	exact := Spot{Label: "LU1 2AB", Precision: PrecisionFull}
	outcode := Spot{Label: "the middle of LU1", Precision: PrecisionOutcode, ErrorMetres: 1400}
	practice := Spot{Label: "the practice", Precision: PrecisionPlace}
	town := Spot{Label: "Luton", Precision: PrecisionPlace, ErrorMetres: 2000}
	for _, c := range []struct {
		metres float64
		travel Travel
		from   Spot
		want   string
	}{
		{100, Walking, exact, "a few minutes' walk"},
		{900, Walking, exact, "about 15 minutes' walk"},
		{1800, Walking, exact, "about 30 minutes' walk"},
		{3218, Walking, exact, "about 2 miles; too far for most people to walk, ask about the bus"},
		{900, Walking, practice, "about 15 minutes' walk, from the practice"},
		{900, Walking, outcode, "about 0.6 miles, from the middle of LU1"}, // the patient may live next door, or a mile off
		{900, Walking, town, "about 0.6 miles, from Luton"},
		{3218, Walking, outcode, "about 2 miles, from the middle of LU1; too far for most people to walk, ask about the bus"},
		{500, Bus, exact, "about 10 minutes' walk"},
		{500, Bus, outcode, "about 0.3 miles, from the middle of LU1"},
		{3218, Bus, exact, "about 2 miles; ask whether a bus goes there"},
		{3218, Bus, town, "about 2 miles, from Luton; ask whether a bus goes there"},
		{500, Car, exact, "0.3 miles"},
		{3218, Car, exact, "about 2 miles; about 10 minutes by car"},
		{8046, Car, outcode, "about 5 miles, from the middle of LU1; about 25 minutes by car"},
		{3218, TravelUnknown, exact, "2 miles"},
		{3218, "on a horse", outcode, "about 2 miles, from the middle of LU1"},
	} {
		if got := TravelText(c.metres, c.travel, c.from); got != c.want {
			t.Errorf("%.0f m, %q from %s: %q, want %q", c.metres, c.travel, c.from.Label, got, c.want)
		}
	}
}

func TestTravel_Minutes(t *testing.T) {
	for _, c := range []struct {
		travel  Travel
		metres  float64
		minutes int
		known   bool
	}{
		{Walking, 0, 0, true}, {Walking, -5, 0, true}, {Walking, 1230, 20, true}, {Walking, 1231, 21, true},
		{Car, 8046.72, 21, true}, {Bus, 1000, 0, false}, {TravelUnknown, 1000, 0, false},
	} {
		if got, ok := c.travel.Minutes(c.metres); got != c.minutes || ok != c.known {
			t.Errorf("%q %.0f m: %d, %v", c.travel, c.metres, got, ok)
		}
	}
}

// The shapes that ranking relies on: what is level, what is steep, and who reaches what.
func TestTravel_Share(t *testing.T) {
	const mile = metresPerMile
	twenty, forty := Walking.Straight(20), Walking.Straight(40)
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"half at 20 minutes on foot", Walking.share(twenty) > 0.49 && Walking.share(twenty) < 0.51},
		{"next to nothing at 40 minutes", Walking.share(forty) < 0.1},
		{"a walk of 10 minutes is a short one", Walking.share(Walking.Straight(10)) > 0.8},
		{"level by bus to 3 miles", Bus.share(3*mile) > 0.8 && Bus.share(10*mile) < 0.15},
		{"level by car to 5 miles", Car.share(5*mile) > 0.85 && Car.share(20*mile) < 0.15},
		{"reaches grow", Walking.Reach() < Bus.Reach() && Bus.Reach() < Car.Reach() && Car.Reach() == TravelUnknown.Reach()},
		{"known", Walking.Known() && Bus.Known() && Car.Known() && !TravelUnknown.Known() && !Travel("horse").Known()},
	} {
		if !c.ok {
			t.Error(c.what)
		}
	}
}

func TestTravel_Property_NearerIsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		travel := rapid.SampledFrom(travels()).Draw(t, "travel")
		near := rapid.Float64Range(0, 50_000).Draw(t, "near")
		far := near + rapid.Float64Range(1, 50_000).Draw(t, "further")
		if a, b := travel.share(near), travel.share(far); a <= b || a > 1 || b < 0 {
			t.Fatalf("%q: %.0f m gives %v, %.0f m gives %v", travel, near, a, far, b)
		}
		if minutes, ok := travel.Minutes(near); ok && travel.Straight(minutes) < near-0.001 {
			t.Fatalf("%q: %.0f m takes %d minutes, which reach %.0f m", travel, near, minutes, travel.Straight(minutes))
		}
	})
}

func BenchmarkTravel_Share(b *testing.B) {
	sum := 0.0
	for b.Loop() {
		sum += Walking.share(1500)
	}
	_ = sum
}
