package media

import (
	"bufio"
	"context"
	"encoding/json"
	"image"
	"image/draw"
	"io"
	"strconv"
	"time"

	xdraw "golang.org/x/image/draw"

	"suraag/fault"
	"suraag/media/confine"
	"suraag/pdq"
)

// Stills is of how many moments of a video a still can be had.
const Stills = 9

// StillLimits bound what one still may cost: less than a fingerprint, because
// somebody waits for it, and the whole file lies in memory.
func StillLimits() Limits {
	l := DefaultLimits()
	l.Time, l.Video = 15*time.Second, 20*time.Second
	return l
}

// Still gives a picture, or still n (from 1 to Stills) of a video, with at most
// edge pixels on its longer side, upright as its EXIF data says. There is no sound,
// no motion and no metadata in it. Errors are those of Decode.
func Still(ctx context.Context, r io.ReaderAt, size int64, limits Limits, n, edge int) (*image.RGBA, error) {
	if edge < 1 || n < 1 || n > Stills {
		return nil, fault.Newf(fault.Invalid, "still %d with an edge of %d pixels", n, edge)
	}
	if err := limits.check(size); err != nil {
		return nil, err
	}
	mediaType, err := sniffAt(r, size)
	if err != nil {
		return nil, err
	}
	if isVideo(mediaType) {
		return stillOf(ctx, r, size, mediaType, limits, n, edge)
	}
	var out *image.RGBA
	err = within(ctx, r, size, mediaType, limits, func(pic picture) error {
		out = reduced(pic, edge)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return turned(out, shown(ctx, r, size, mediaType)), nil
}

// fit gives the size of a picture with at most edge pixels on its longer side.
func fit(width, height, edge int) (int, int) {
	switch long := max(width, height); {
	case long <= edge:
		return width, height
	case width >= height:
		return edge, max(1, int(int64(height)*int64(edge)/int64(width)))
	default:
		return max(1, int(int64(width)*int64(edge)/int64(height))), edge
	}
}

// reduced draws a picture smaller, on white. It goes by way of one of twice the size
// and takes the mean of four there, which needs no more memory than that.
func reduced(pic picture, edge int) *image.RGBA {
	b := pic.Bounds()
	w, h := fit(b.Dx(), b.Dy(), edge)
	if w == b.Dx() && h == b.Dy() {
		out := onWhite(w, h)
		draw.Draw(out, out.Rect, pic, b.Min, draw.Over)
		return out
	}
	double := onWhite(2*w, 2*h)
	xdraw.ApproxBiLinear.Scale(double, double.Rect, pic, b, xdraw.Over, nil)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			at, a, c := out.PixOffset(x, y), double.PixOffset(2*x, 2*y), double.PixOffset(2*x, 2*y+1)
			for k := range 4 {
				sum := int(double.Pix[a+k]) + int(double.Pix[a+4+k]) + int(double.Pix[c+k]) + int(double.Pix[c+4+k])
				out.Pix[at+k] = uint8((sum + 2) / 4)
			}
		}
	}
	return out
}

func onWhite(w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	return out
}

// turned brings a picture upright.
func turned(in *image.RGBA, turn pdq.Orientation) *image.RGBA {
	if turn == pdq.Original {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	from := func(x, y int) (int, int) { return x, y } // of a pixel of the turned picture, where it was
	across := false
	switch turn {
	case pdq.FlipY:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case pdq.FlipX:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case pdq.Rotate180:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case pdq.FlipPlus1:
		across, from = true, func(x, y int) (int, int) { return y, x }
	case pdq.FlipMinus1:
		across, from = true, func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case pdq.Rotate270: // a quarter clockwise
		across, from = true, func(x, y int) (int, int) { return y, h - 1 - x }
	case pdq.Rotate90:
		across, from = true, func(x, y int) (int, int) { return w - 1 - y, x }
	}
	size := image.Rect(0, 0, w, h)
	if across {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			fx, fy := from(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], in.Pix[in.PixOffset(fx, fy):][:4])
		}
	}
	return out
}

// stillOf has ffmpeg decode one frame of a video, confined. Sound is never
// decoded: only the first video stream is named.
func stillOf(ctx context.Context, r io.ReaderAt, size int64, mediaType string, limits Limits, n, edge int) (*image.RGBA, error) {
	demuxer, err := demuxerOf(mediaType)
	if err != nil {
		return nil, err
	}
	if size > limits.Bytes {
		return nil, fault.Newf(fault.TooLarge, "%s: the file has %d bytes, the limit is %d", mediaType, size, limits.Bytes)
	}
	probe, ffmpeg, err := videoTools(mediaType)
	if err != nil {
		return nil, err
	}
	bounds := confine.Limits{Memory: limits.Memory + ffmpegBase, CPU: max(limits.Video, time.Second), Wall: limits.Video, Output: 64 << 10}
	common := onlyThis(demuxer, limits)
	var v seen
	ask := append(common[:len(common):len(common)], "-select_streams", "v:0", "-show_entries", "stream=width,height,avg_frame_rate,r_frame_rate:format=duration", "-of", "json", confine.Input)
	err = probe.Run(ctx, ask, r, size, bounds, func(out io.Reader) (err error) {
		v, err = readSeen(out)
		return err
	})
	if err != nil {
		return nil, confined(ctx, mediaType, err)
	}
	if err := v.admit(limits); err != nil {
		return nil, fault.Wrapf(err, "%s", mediaType)
	}
	w, h := fit(int(v.Width), int(v.Height), edge)
	bounds.Output = 3*int64(w)*int64(h) + 1
	args := append([]string{"-nostdin", "-threads", "1", "-noautorotate"}, common...)
	args = append(args, "-ss", strconv.FormatFloat(v.moment(n), 'f', 3, 64), "-i", confine.Input, "-map", "0:v:0", "-an", "-sn", "-dn", "-frames:v", "1",
		"-vf", "scale="+strconv.Itoa(w)+":"+strconv.Itoa(h), "-sws_flags", "area", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
	var out *image.RGBA
	err = ffmpeg.Run(ctx, args, r, size, bounds, func(in io.Reader) (err error) {
		out, err = rawRGB(bufio.NewReader(in), w, h)
		return err
	})
	if err != nil {
		return nil, confined(ctx, mediaType, err)
	}
	return out, nil
}

// seen is what a file claims of its first video stream and of its length.
type seen struct {
	stream
	seconds float64
}

func readSeen(out io.Reader) (seen, error) {
	var answer struct {
		Streams []stream `json:"streams"`
		Format  struct {
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.NewDecoder(out).Decode(&answer); err != nil {
		return seen{}, fault.Newf(fault.Corrupt, "no video is recognised in it: %w", err)
	}
	if len(answer.Streams) == 0 {
		return seen{}, fault.Newf(fault.Invalid, "it holds no video stream")
	}
	seconds, err := strconv.ParseFloat(answer.Format.Duration, 64)
	if err != nil || !(seconds > 0 && seconds < 1e7) { // not stated, or nonsense: the first frame then
		seconds = 0
	}
	return seen{answer.Streams[0], seconds}, nil
}

// moment gives when still n is: the stills lie evenly, none at the very end.
func (v seen) moment(n int) float64 { return v.seconds * float64(n-1) / Stills }

func rawRGB(in io.Reader, w, h int) (*image.RGBA, error) {
	rgb := make([]byte, 3*w*h)
	if _, err := io.ReadFull(in, rgb); err != nil {
		return nil, fault.Newf(fault.Corrupt, "no frame can be decoded there: %w", err)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, j := 0, 0; i < len(rgb); i, j = i+3, j+4 {
		out.Pix[j], out.Pix[j+1], out.Pix[j+2], out.Pix[j+3] = rgb[i], rgb[i+1], rgb[i+2], 255
	}
	return out, nil
}
