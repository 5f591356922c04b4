#pragma once
// The keys of the state file. One function for each struct, for reading and writing both.

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// `v(key, member)` for what is written always, `v.unless_default(key, member)` for the rest.
template <class V, class F>
void visit_fault(V& v, F& f) {
    v("kind", f.kind);
    v.unless_default("ichunk", f.ichunk);
    v.unless_default("JB_name", f.JB_name);
    v.unless_default("task", f.task);
    v("num_fails", f.num_fails);
    v.unless_default("max_num_fails", f.max_num_fails);
    v.unless_default("num_spared", f.num_spared);
    v.unless_default("max_num_spared", f.max_num_spared);
    v.unless_default("exit_code", f.exit_code);
    v.unless_default("message", f.message);
    v.unless_default("after_seconds", f.after_seconds);
    v.unless_default("after_file", f.after_file);
    v.unless_default("order", f.order);
    v.unless_default("signal", f.signal);
    v.unless_default("seconds", f.seconds);
    v.unless_default("num_calls", f.num_calls);
    v.unless_default("while", f.while_state);
    v.unless_default("as", f.as);
    v.unless_default("path", f.path);
    v.unless_default("limit", f.limit);
}

template <class V, class F>
void visit_range(V& v, F& r) {
    v("first", r.first);
    v("last", r.last);
    v("step", r.step);
}

template <class V, class F>
void visit_submission(V& v, F& s) {
    v("JB_name", s.JB_name);
    v("command", s.command);
    v.unless_default("is_binary", s.is_binary);
    v.unless_default("through_shell", s.through_shell);
    v.unless_default("script", s.script);
    v.unless_default("interpreter", s.interpreter);
    v.unless_default("working_directory", s.working_directory);
    v.unless_default("output_path", s.output_path);
    v.unless_default("error_path", s.error_path);
    v.unless_default("join", s.join);
    v.unless_default("array", s.array);
    v.unless_default("max_num_running", s.max_num_running);
    v.unless_default("held", s.held);
    v.unless_default("queue_name", s.queue_name);
    v.unless_default("parallel_environment", s.parallel_environment);
    v.unless_default("num_slots", s.num_slots);
    v.unless_default("environment", s.environment);
    v.unless_default("recorded", s.recorded);
}

template <class V, class F>
void visit_running(V& v, F& r) {
    v("task", r.task);
    v("istart", r.istart);
    v("started_at", r.started_at);
    v.unless_default("restarted", r.restarted);
    v.unless_default("deleted", r.deleted);
    v.unless_default("shepherd", r.shepherd);
}

template <class V, class F>
void visit_lingering(V& v, F& l) {
    v("task", l.task);
    v("state", l.state_word);
    v("has_slot", l.has_slot);
    v("since", l.since);
    v("num_calls_left", l.num_calls_left);
}

template <class V, class F>
void visit_error(V& v, F& e) {
    v("task", e.task);
    v("since", e.since);
    v("reason", e.reason);
}

template <class V, class F>
void visit_job(V& v, F& j) {
    v("JB_job_number", j.JB_job_number);
    v("JB_owner", j.JB_owner);
    v("submitted_at", j.submitted_at);
    v("submission", j.submission);
    v.unless_default("waiting", j.waiting);
    v.unless_default("requeued", j.requeued);
    v.unless_default("in_error", j.in_error);
    v.unless_default("running", j.running);
    v.unless_default("lingering", j.lingering);
    v.unless_default("errors", j.errors);
}

template <class V, class F>
void visit_entry(V& v, F& e) {
    v("has_slot", e.has_slot);
    v("JB_job_number", e.JB_job_number);
    v("JB_name", e.JB_name);
    v("JB_owner", e.JB_owner);
    v("state", e.state_word);
    v("since", e.since);
    v("queue_name", e.queue_name);
    v("num_slots", e.num_slots);
    v("tasks", e.tasks);
}

template <class V, class F>
void visit_late_file(V& v, F& l) {
    v("path", l.path);
    v("hidden_as", l.hidden_as);
    v("num_calls_left", l.num_calls_left);
}

template <class V, class F>
void visit_record(V& v, F& r) {
    v("queue_name", r.queue_name);
    v("host", r.host);
    v("JB_owner", r.JB_owner);
    v("JB_name", r.JB_name);
    v("JB_job_number", r.JB_job_number);
    v.unless_default("array_task", r.array_task);
    v("submitted_at", r.submitted_at);
    v.unless_default("has_started", r.has_started);
    v("started_at", r.started_at);
    v("ended_at", r.ended_at);
    v.unless_default("parallel_environment", r.parallel_environment);
    v("num_slots", r.num_slots);
    v("failed", r.failed);
    v("failed_because", r.failed_because);
    v("exit_status", r.exit_status);
    v("wallclock", r.wallclock);
    v("maxvmem", r.maxvmem);
    v("category", r.category);
}

template <class V, class F>
void visit_state(V& v, F& s) {
    v("next_JB_job_number", s.next_JB_job_number);
    v("max_num_running", s.max_num_running);
    v("max_u_jobs", s.max_u_jobs);
    v("max_aj_tasks", s.max_aj_tasks);
    v.unless_default("waits", s.waits);
    v("faults", s.faults);
    v("jobs", s.jobs);
    v("num_qsub_calls", s.num_qsub_calls);
    v("num_qstat_calls", s.num_qstat_calls);
    v("num_qdel_calls", s.num_qdel_calls);
    v("num_starts", s.num_starts);
    v.unless_default("late_files", s.late_files);
    v.unless_default("earlier_listings", s.earlier_listings);
}

}  // namespace qmr::dummy_queue
