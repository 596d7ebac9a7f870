// Answers range questions with FAISS, one at a time on one thread, and says how long each took.
//
//   faiss CODES QUESTIONS RADIUS SETTING...
//
// Both files are codes of 32 bytes, one behind the other. A setting is
// "multi-NxB-fF" (IndexBinaryMultiHash with N hashes of B bits, F flips) or "flat"
// (IndexBinaryFlat). For each setting it prints "ready SETTING SECONDS BYTES": the
// processor time of building and the memory that came to be in use. Then it reads lines
// "SETTING FROM N" and prints for each of the questions from FROM on its processor
// time in nanoseconds and the number of codes within RADIUS bits, on a line.

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

static const int bits = 256, bytes = bits / 8;

static std::vector<uint8_t> read(const char *name) {
    std::ifstream in(name, std::ios::binary | std::ios::ate);
    if (!in) {
        std::cerr << "cannot read " << name << "\n";
        std::exit(1);
    }
    std::vector<uint8_t> all(in.tellg());
    in.seekg(0);
    in.read(reinterpret_cast<char *>(all.data()), all.size());
    return all;
}

static int64_t processor_time() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t memory() {
    std::ifstream in("/proc/self/statm");
    int64_t size = 0, resident = 0;
    in >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

static std::unique_ptr<faiss::IndexBinary> make(const std::string &setting) {
    int hashes, width, flips;
    if (setting == "flat") return std::make_unique<faiss::IndexBinaryFlat>(bits);
    if (std::sscanf(setting.c_str(), "multi-%dx%d-f%d", &hashes, &width, &flips) != 3) {
        std::cerr << "unknown setting " << setting << "\n";
        std::exit(1);
    }
    auto index = std::make_unique<faiss::IndexBinaryMultiHash>(bits, hashes, width);
    index->own_fields = true;
    index->nflip = flips;
    return index;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        std::cerr << "usage: faiss CODES QUESTIONS RADIUS SETTING...\n";
        return 2;
    }
    omp_set_num_threads(1);
    const auto codes = read(argv[1]), questions = read(argv[2]);
    const int radius = std::atoi(argv[3]);
    std::map<std::string, std::unique_ptr<faiss::IndexBinary>> indexes;
    for (int i = 4; i < argc; i++) {
        const int64_t before = memory(), began = processor_time();
        auto index = make(argv[i]);
        index->add(codes.size() / bytes, codes.data());
        std::cout << "ready " << argv[i] << " " << (processor_time() - began) / 1e9 << " " << memory() - before << std::endl;
        indexes[argv[i]] = std::move(index);
    }
    std::string setting;
    for (size_t from, n; std::cin >> setting >> from >> n;) {
        for (size_t q = from; q < from + n; q++) {
            const int64_t began = processor_time();
            faiss::RangeSearchResult found(1);
            // FAISS gives what is nearer than the radius, we what is as near as it.
            indexes.at(setting)->range_search(1, questions.data() + q * bytes, radius + 1, &found);
            const int64_t took = processor_time() - began;
            std::cout << took << " " << found.lims[1] << "\n";
        }
        std::cout.flush();
    }
}
