#pragma once
// A Grid Engine as a user sees it through its programs: the dummy queue or the real one, whichever the
// program is linked with. What a scenario checks holds for both.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace qmr::conformance {

/// A shell command that runs until the file `go` is there.
inline const std::string until_told = "while [ ! -e go ]; do sleep 0.05; done";

struct Answer {
    int exit_code = -1;
    std::string out;
    std::string err;
};

class Queue {
  public:
    Queue() = default;
    virtual ~Queue() = default;
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    /// What the programs see as their working directory; the user can write there.
    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;
    [[nodiscard]] virtual std::string user() const = 0;
    [[nodiscard]] virtual bool is_dummy() const = 0;

    /// program: qsub, qstat, qdel or qacct. The dummy queue makes a step with each qstat.
    [[nodiscard]] virtual Answer run(const std::string& program,
                                     const std::vector<std::string>& arguments) = 0;

    /// Lets nobody have more queue jobs; 0: as before.
    virtual void limit_num_jobs(unsigned max_u_jobs) = 0;

    [[nodiscard]] Answer qsub(const std::vector<std::string>& arguments);
    [[nodiscard]] Answer qstat(const std::vector<std::string>& arguments = {}) {
        return run("qstat", arguments);
    }
    [[nodiscard]] Answer qdel(const std::vector<std::string>& arguments) { return run("qdel", arguments); }
    [[nodiscard]] Answer qacct(const std::vector<std::string>& arguments) { return run("qacct", arguments); }

    /// qsub of a command with its output in /dev/null, unless the options say otherwise. Gives the job
    /// number.
    std::string submit(const std::string& name, const std::vector<std::string>& options,
                       const std::vector<std::string>& command);
    /// The same of a shell command.
    std::string submit_shell(const std::string& name, const std::vector<std::string>& options,
                             const std::string& command);

    [[nodiscard]] std::string text(const std::string& file) const;
    void write(const std::string& file, const std::string& text) const;

  protected:
    /// Of all queue jobs that were submitted here.
    [[nodiscard]] const std::vector<std::string>& numbers() const { return numbers_; }

  private:
    std::vector<std::string> numbers_;
};

/// Of its own where there may be several of them. None: what this program tests is no Grid Engine.
[[nodiscard]] std::unique_ptr<Queue> make_queue();

/// A line of a listing.
struct Row {
    std::string number;
    std::string name;
    std::string state;
    std::string tasks = {};  ///< empty outside arrays
};

/// What qstat prints for these rows, in their order, with and without -xml, as far as normalised() leaves it.
[[nodiscard]] std::string table(const Queue& queue, const std::vector<Row>& rows);
[[nodiscard]] std::string xml(const Queue& queue, const std::vector<Row>& rows);

/// Times and priorities are replaced, since they differ.
[[nodiscard]] std::string normalised(const std::string& listing);

/// Calls qstat until it prints this; the last answer otherwise fails the test.
void wait_for(Queue& queue, const std::vector<Row>& rows, const std::vector<std::string>& arguments = {});

/// Calls qstat until the queue is empty.
void wait_until_empty(Queue& queue);

void check(const Answer& answer, int exit_code, const std::string& out, const std::string& err = "");

}  // namespace qmr::conformance
