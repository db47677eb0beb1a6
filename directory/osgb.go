package directory

import (
	"math"

	"handrail"
)

// ellipsoid is a figure of the earth by its two half axes, in metres.
type ellipsoid struct{ a, b float64 }

func (e ellipsoid) eccentricity2() float64 { return 1 - (e.b*e.b)/(e.a*e.a) }

// The figures and constants are those of "A guide to coordinate systems in Great Britain" (Ordnance Survey), annexes A
// to C.
func airy1830() ellipsoid { return ellipsoid{6377563.396, 6356256.909} }
func wgs84() ellipsoid    { return ellipsoid{6378137.000, 6356752.3141} }

// fromNationalGrid turns an easting and northing of the National Grid of Great Britain (OSGB36), in metres, into
// latitude and longitude (WGS84). It goes by the seven numbers of the Helmert transformation and is right to about 5
// metres, up to 20 at the very edges: a postcode is not better known. The Irish Grid is another one.
func fromNationalGrid(east, north float64) handrail.Point {
	const (
		scale      = 0.9996012717 // on the central meridian
		lat0, lon0 = 49 * math.Pi / 180, -2 * math.Pi / 180
		east0      = 400_000
		north0     = -100_000
	)
	e := airy1830()
	af, bf, e2 := e.a*scale, e.b*scale, e.eccentricity2()
	n := (e.a - e.b) / (e.a + e.b)
	// The meridian's length from lat0 to a latitude.
	arc := func(lat float64) float64 {
		minus, plus := lat-lat0, lat+lat0
		return bf * ((1+n+5.0/4*n*n+5.0/4*n*n*n)*minus -
			(3*n+3*n*n+21.0/8*n*n*n)*math.Sin(minus)*math.Cos(plus) +
			(15.0/8*n*n+15.0/8*n*n*n)*math.Sin(2*minus)*math.Cos(2*plus) -
			35.0/24*n*n*n*math.Sin(3*minus)*math.Cos(3*plus))
	}
	lat := lat0
	for range 20 { // it is there after five
		rest := north - north0 - arc(lat)
		lat += rest / af
		if math.Abs(rest) < 0.00001 {
			break
		}
	}
	sin, cos, tan := math.Sin(lat), math.Cos(lat), math.Tan(lat)
	nu := af / math.Sqrt(1-e2*sin*sin)
	rho := af * (1 - e2) / math.Pow(1-e2*sin*sin, 1.5)
	eta2 := nu/rho - 1
	t2, d := tan*tan, east-east0
	lat2 := lat - tan/(2*rho*nu)*d*d +
		tan/(24*rho*nu*nu*nu)*(5+3*t2+eta2-9*t2*eta2)*math.Pow(d, 4) -
		tan/(720*rho*math.Pow(nu, 5))*(61+90*t2+45*t2*t2)*math.Pow(d, 6)
	lon2 := lon0 + d/(cos*nu) -
		(nu/rho+2*t2)/(6*cos*nu*nu*nu)*d*d*d +
		(5+28*t2+24*t2*t2)/(120*cos*math.Pow(nu, 5))*math.Pow(d, 5) -
		(61+662*t2+1320*t2*t2+720*t2*t2*t2)/(5040*cos*math.Pow(nu, 7))*math.Pow(d, 7)
	return helmert(lat2, lon2)
}

// helmert moves a position in radians from OSGB36 to WGS84: through space, by a shift, three small turns and a stretch.
func helmert(lat, lon float64) handrail.Point {
	const (
		second     = math.Pi / 180 / 3600
		tx, ty, tz = 446.448, -125.157, 542.060
		rx, ry, rz = 0.1502 * second, 0.2470 * second, 0.8421 * second
		stretch    = 1 - 20.4894e-6
	)
	from, to := airy1830(), wgs84()
	sin, cos := math.Sin(lat), math.Cos(lat)
	nu := from.a / math.Sqrt(1-from.eccentricity2()*sin*sin)
	x, y, z := nu*cos*math.Cos(lon), nu*cos*math.Sin(lon), nu*(1-from.eccentricity2())*sin
	x, y, z = tx+stretch*x-rz*y+ry*z, ty+rz*x+stretch*y-rx*z, tz-ry*x+rx*y+stretch*z

	e2 := to.eccentricity2()
	p := math.Hypot(x, y)
	out := math.Atan2(z, p*(1-e2))
	for range 10 {
		sin := math.Sin(out)
		next := math.Atan2(z+e2*to.a/math.Sqrt(1-e2*sin*sin)*sin, p)
		if math.Abs(next-out) < 1e-12 {
			break
		}
		out = next
	}
	return handrail.Point{Lat: out * 180 / math.Pi, Lon: math.Atan2(y, x) * 180 / math.Pi}
}
