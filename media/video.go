package media

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"image"
	"io"
	"strconv"
	"strings"
	"time"

	"suraag/digest/vpdq"
	"suraag/fault"
	"suraag/media/confine"
	"suraag/pdq"
)

// demuxers are the kinds of video that ffmpeg reads for us, with the one reader of ffmpeg that may be used for
// each: it has others that open further files or addresses named in the first.
var demuxers = map[string]string{
	"video/mp4": "mov", "video/quicktime": "mov", "video/3gpp": "mov", "video/3gpp2": "mov", "video/x-matroska": "matroska",
	"video/x-msvideo": "avi", "video/mpeg": "mpeg", "video/x-flv": "flv", "video/x-ms-asf": "asf",
}

// ffmpegBase is the address space that ffmpeg and its libraries take for themselves.
const ffmpegBase = 1 << 30

func demuxerOf(mediaType string) (string, error) {
	demuxer, known := demuxers[mediaType]
	if !known {
		return "", fault.Newf(fault.Invalid, "%s: no decoder for this kind of video", mediaType)
	}
	return demuxer, nil
}

func videoTools(mediaType string) (probe, ffmpeg confine.Program, err error) {
	probe, err1 := confine.Find("ffprobe")
	ffmpeg, err2 := confine.Find("ffmpeg")
	if err := errors.Join(err1, err2); err != nil {
		return probe, ffmpeg, fault.Newf(fault.Invalid, "%s: videos are read by ffmpeg, and %w (Debian: ffmpeg)", mediaType, err)
	}
	return probe, ffmpeg, nil
}

// onlyThis has ffmpeg read the one file that it is given, as the one kind, and no
// frame that is larger than the limits allow.
func onlyThis(demuxer string, limits Limits) []string {
	return []string{"-v", "error", "-protocol_whitelist", "file", "-max_pixels", strconv.FormatInt(limits.Pixels, 10), "-f", demuxer}
}

// watch has ffmpeg decode the video, confined, and hashes a frame for each second of it, by the preparation
// pdq.Full, as python-threatexchange does by default. No frame is kept.
func watch(ctx context.Context, r io.ReaderAt, size int64, mediaType string, limits Limits) (vpdq.Video, error) {
	demuxer, err := demuxerOf(mediaType)
	if err != nil {
		return nil, err
	}
	probe, ffmpeg, err := videoTools(mediaType)
	if err != nil {
		return nil, err
	}
	bounds := confine.Limits{Memory: limits.Memory + ffmpegBase, CPU: max(limits.Time, time.Second), Wall: limits.Time, Output: 64 << 10}
	common := onlyThis(demuxer, limits)
	var s stream
	ask := append(common[:len(common):len(common)], "-select_streams", "v:0", "-show_entries", "stream=width,height,avg_frame_rate,r_frame_rate", "-of", "json", confine.Input)
	err = probe.Run(ctx, ask, r, size, bounds, func(out io.Reader) (err error) {
		s, err = readStream(out)
		return err
	})
	if err != nil {
		return nil, confined(ctx, mediaType, err)
	}
	if err := s.admit(limits); err != nil {
		return nil, fault.Wrapf(err, "%s", mediaType)
	}
	bounds.CPU, bounds.Wall = limits.Video, limits.Video
	bounds.Output = int64(limits.Frames+1) * s.bytes()
	args := append([]string{"-nostdin", "-threads", "1", "-noautorotate"}, common...)
	args = append(args, "-i", confine.Input, "-map", "0:v:0", "-vf", "select=not(mod(n\\,"+strconv.Itoa(s.every())+"))",
		"-sws_flags", "area", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
	var v vpdq.Video
	err = ffmpeg.Run(ctx, args, r, size, bounds, func(out io.Reader) (err error) {
		v, err = s.hash(out, limits.Frames)
		return err
	})
	if err != nil {
		return nil, confined(ctx, mediaType, err)
	}
	if len(v) == 0 {
		return nil, fault.Newf(fault.Corrupt, "%s: no frame can be decoded", mediaType)
	}
	return v, nil
}

// stream is what a file claims of its first video stream.
type stream struct {
	Width  int64  `json:"width"`
	Height int64  `json:"height"`
	Mean   string `json:"avg_frame_rate"`
	Rate   string `json:"r_frame_rate"`
}

func readStream(out io.Reader) (stream, error) {
	var answer struct {
		Streams []stream `json:"streams"`
	}
	if err := json.NewDecoder(out).Decode(&answer); err != nil {
		return stream{}, fault.Newf(fault.Corrupt, "no video is recognised in it: %w", err)
	}
	if len(answer.Streams) == 0 {
		return stream{}, fault.Newf(fault.Invalid, "it holds no video stream")
	}
	return answer.Streams[0], nil
}

func (s stream) bytes() int64 { return 3 * s.Width * s.Height }

func (s stream) admit(limits Limits) error {
	if s.Width <= 0 || s.Height <= 0 {
		return fault.Newf(fault.Corrupt, "claims %dx%d pixels", s.Width, s.Height)
	}
	if s.Width > limits.Pixels/s.Height {
		return fault.Newf(fault.TooLarge, "claims %dx%d pixels, the limit is %d in all", s.Width, s.Height, limits.Pixels)
	}
	if need := 8*s.Width*s.Height + weighHash(s.Width, s.Height); need > limits.Memory {
		return fault.Newf(fault.TooLarge, "%dx%d pixels need %d MiB to decode, the limit is %d", s.Width, s.Height, need>>20, limits.Memory>>20)
	}
	if s.rate() <= 0 {
		return fault.Newf(fault.Corrupt, "states no frame rate (%q, %q)", s.Mean, s.Rate)
	}
	return nil
}

// rate gives the frames a second: the mean, or where that is not stated the least with which all times can be written.
func (s stream) rate() float64 {
	for _, text := range []string{s.Mean, s.Rate} {
		above, below, _ := strings.Cut(text, "/")
		a, err1 := strconv.ParseFloat(above, 64)
		b, err2 := strconv.ParseFloat(below, 64)
		if err1 == nil && err2 == nil && a > 0 && b > 0 {
			return a / b
		}
	}
	return 0
}

// every gives the number of frames of which one is hashed: those of a second, rounded down.
func (s stream) every() int { return min(max(int(s.rate()), 1), 1<<20) }

// hash takes the frames as they come.
func (s stream) hash(out io.Reader, most int) (vpdq.Video, error) {
	in := bufio.NewReaderSize(out, 1<<20)
	rgb, img := make([]byte, s.bytes()), image.NewNRGBA(image.Rect(0, 0, int(s.Width), int(s.Height)))
	var v vpdq.Video
	for {
		if _, err := io.ReadFull(in, rgb); err == io.EOF {
			return v, nil
		} else if err != nil {
			return nil, fault.Newf(fault.Corrupt, "ends in the middle of a frame: %w", err)
		}
		if len(v) == most {
			return nil, fault.Newf(fault.TooLarge, "more than %d seconds, the limit", most)
		}
		for i, j := 0, 0; i < len(rgb); i, j = i+3, j+4 {
			img.Pix[j], img.Pix[j+1], img.Pix[j+2] = rgb[i], rgb[i+1], rgb[i+2]
		}
		h, err := pdq.Of(img, pdq.Full)
		if err != nil {
			return nil, err
		}
		number := len(v) * s.every()
		v = append(v, vpdq.Frame{Number: number, Quality: h.Quality, Hash: h.Hash, Seconds: float64(number) / s.rate()})
	}
}
