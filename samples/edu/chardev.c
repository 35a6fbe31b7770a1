// SPDX-License-Identifier: GPL-2.0-only
/*
 * The character device: brings the driver requests of user programs, with the addresses of their
 * buffers as they come (ioctl.h).
 *
 * A file keeps the module and the host's memory; the device may go while it is open, and then every
 * call ends with ENODEV. edu_chardev_shut() lets no further call begin and cancels the requests of
 * the others, edu_chardev_remove() waits for them.
 */
#include <linux/freezer.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "host.h"
#include "ioctl.h"

#define EDU_CALL_TIMEOUT	(100 * HZ)	/* a dozen of the longest requests take 80 s */

static DEFINE_IDA(edu_indices);

struct edu_call {
	EDU_REQUEST request;
	EDU_USER_BUFFER buffers[EDU_MAXIMUM_BUFFERS];
	struct edu_host *host;
	struct edu_list_check check;
	bool done;
	bool interrupted;		/* ... before it was granted anything */
};

static bool edu_enter(struct edu_host *host)
{
	bool entered;

	spin_lock_irq(&host->no_users.lock);
	entered = !host->gone;
	host->users += entered;
	spin_unlock_irq(&host->no_users.lock);
	return entered;
}

static void edu_leave(struct edu_host *host)
{
	spin_lock_irq(&host->no_users.lock);
	if (!--host->users)
		wake_up_locked(&host->no_users);
	spin_unlock_irq(&host->no_users.lock);
}

static void edu_call_complete(PEDU_REQUEST request)
{
	struct edu_call *call = request->Context;
	struct edu_host *host = call->host;

	/* Pairs with that of edu_call_is_done(). The call may be gone after this. */
	smp_store_release(&call->done, true);
	wake_up_all(&host->finished);
}

static bool edu_call_is_done(struct edu_call *call)
{
	/* Pairs with that of edu_call_complete(), after which the request is not written. */
	return smp_load_acquire(&call->done);
}

static void edu_call_inspect(PEDU_REQUEST request, PSCATTER_GATHER_LIST list, PMDL list_mdl,
			     BOOLEAN finished)
{
	struct edu_call *call = request->Context;

	if (!finished)
		edu_list_check(&call->check, request, list, list_mdl);
}

/*
 * As wait_event_timeout() and its kin, none of which is freezable in all of these states: the
 * system can be suspended while a program's request is under way.
 */
static long edu_call_sleep(struct edu_call *call, unsigned int state)
{
	return ___wait_event(call->host->finished, ___wait_cond_timeout(edu_call_is_done(call)),
			     (state | TASK_FREEZABLE), 0, EDU_CALL_TIMEOUT,
			     __ret = schedule_timeout(__ret));
}

/* A request that has not been granted anything yet need not be waited for. */
static void edu_call_interrupt(struct edu_call *call)
{
	struct edu_host *host = call->host;

	mutex_lock(&host->lock);
	/* If it is not done it has been taken by the adapter, which is there. */
	if (!host->broken && !edu_call_is_done(call))
		call->interrupted = EduCancelWaiting(host->edu, &call->request);
	mutex_unlock(&host->lock);
	if (!call->interrupted)
		atomic_inc(&host->late);
}

/* Returns when the request has been completed: the device uses the caller's memory until then. */
static void edu_call_wait(struct edu_call *call)
{
	long left = edu_call_sleep(call, TASK_INTERRUPTIBLE);

	if (left < 0)
		edu_call_interrupt(call);
	if (left < 0)
		left = edu_call_sleep(call, TASK_KILLABLE);
	if (left < 0) {
		EduCancel(&call->request);
		left = edu_call_sleep(call, TASK_UNINTERRUPTIBLE);
	}
	if (left)
		return;
	dev_err(call->host->dev, "error: a user's request timed out\n");
	edu_host_give_up(call->host);
	wait_event(call->host->finished, edu_call_is_done(call));
}

static int edu_call_errno(struct edu_call *call)
{
	NTSTATUS status = call->request.Irp.IoStatus.Status;

	if (NT_SUCCESS(status))
		return call->check.bad ? -EIO : 0;
	if (call->interrupted)
		return -ERESTARTSYS;
	switch (status) {
	case STATUS_ACCESS_VIOLATION:
		return -EFAULT;
	case STATUS_INVALID_PARAMETER:
		return -EINVAL;
	case STATUS_CANCELLED:
		return READ_ONCE(call->host->gone) ? -ENODEV : -ECANCELED;
	case STATUS_IO_TIMEOUT:
		return READ_ONCE(call->host->gone) ? -ENODEV : -EIO;
	case STATUS_DEVICE_NOT_READY:
		return -ENODEV;
	default:
		return -EIO;
	}
}

static int edu_call_run(struct edu_call *call, struct edu_ioctl_transfer *args)
{
	struct wdmdma_adapter_stats before, after;
	PEDU_REQUEST request = &call->request;

	if (!edu_host_adapter(call->host, args->adapter) ||
	    edu_host_stats(call->host, args->adapter, &before))
		return -ENODEV;
	call->check.dev = call->host->dev;
	call->check.last_address = before.last_address;
	request->Adapter = args->adapter;
	request->Method = args->method;
	request->WriteToDevice = !!args->write;
	request->StoreOffset = args->store_offset;
	request->Completion = edu_call_complete;
	request->Inspect = args->method == EduMapOnly ? edu_call_inspect : NULL;
	request->Context = call;
	EduSubmitUser(call->host->edu, request, call->buffers, args->count);
	edu_call_wait(call);

	args->status = request->Irp.IoStatus.Status;
	args->done = request->Irp.IoStatus.Information;
	args->elements = request->ElementCount;
	args->synchronous = request->Synchronous;
	args->classes = 0;
	if (!edu_host_stats(call->host, args->adapter, &after))
		args->classes = edu_classes(&before, &after);
	return edu_call_errno(call);
}

static int edu_call_copy_buffers(struct edu_call *call, const struct edu_ioctl_transfer *args)
{
	struct edu_ioctl_buffer __user *from = u64_to_user_ptr(args->buffers);
	u32 i;

	for (i = 0; i < args->count; i++) {
		struct edu_ioctl_buffer buffer;

		if (copy_from_user(&buffer, &from[i], sizeof(buffer)))
			return -EFAULT;
		call->buffers[i].Address = (PVOID)(ULONG_PTR)buffer.address;
		call->buffers[i].Length = buffer.length;
	}
	return 0;
}

static long edu_transfer(struct edu_host *host, struct edu_ioctl_transfer __user *to)
{
	struct edu_ioctl_transfer args;
	struct edu_call *call;
	int ret;

	if (copy_from_user(&args, to, sizeof(args)))
		return -EFAULT;
	if (!args.count || args.count > EDU_MAXIMUM_BUFFERS || args.adapter >= EduMaximumAdapter ||
	    args.method >= EduMaximumMethod)
		return -EINVAL;
	call = kzalloc(sizeof(*call), GFP_KERNEL);
	if (!call)
		return -ENOMEM;
	call->host = host;
	ret = edu_call_copy_buffers(call, &args);
	if (!ret)
		ret = edu_call_run(call, &args);
	kfree(call);
	if (copy_to_user(to, &args, sizeof(args)))
		return -EFAULT;
	return ret;
}

static long edu_counts(struct edu_host *host, struct edu_ioctl_counts __user *to)
{
	struct edu_ioctl_counts args = { };
	EDU_COUNTS counts;

	EduGetCounts(host->edu, &counts);
	args.asked = counts.Asked;
	args.granted = counts.Granted;
	args.cancelled = counts.Cancelled;
	args.late = atomic_read(&host->late);
	args.repeated = counts.Repeated;
	args.suspended = host->suspended;
	args.held = host->held;
	args.kept = host->kept;
	return copy_to_user(to, &args, sizeof(args)) ? -EFAULT : 0;
}

static long edu_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct edu_host *host = file->private_data;
	long ret = -ENOTTY;

	if (!edu_enter(host))
		return -ENODEV;
	if (command == EDU_IOCTL_TRANSFER)
		ret = edu_transfer(host, (void __user *)argument);
	if (command == EDU_IOCTL_COUNTS)
		ret = edu_counts(host, (void __user *)argument);
	edu_leave(host);
	return ret;
}

static ssize_t edu_read(struct file *file, char __user *to, size_t count, loff_t *offset)
{
	struct edu_host *host = file->private_data;
	ssize_t ret = -ENODEV;

	if (!edu_enter(host))
		return -ENODEV;
	mutex_lock(&host->lock);
	if (!host->broken)
		ret = simple_read_from_buffer(to, count, offset, EduGetStore(host->edu),
					      EDU_STORE_LENGTH);
	mutex_unlock(&host->lock);
	edu_leave(host);
	return ret;
}

static ssize_t edu_write(struct file *file, const char __user *from, size_t count, loff_t *offset)
{
	struct edu_host *host = file->private_data;
	ssize_t ret = -ENODEV;

	if (!edu_enter(host))
		return -ENODEV;
	mutex_lock(&host->lock);
	if (!host->broken)
		ret = simple_write_to_buffer(EduGetStore(host->edu), EDU_STORE_LENGTH, offset, from,
					     count);
	mutex_unlock(&host->lock);
	edu_leave(host);
	return ret;
}

static int edu_open(struct inode *inode, struct file *file)
{
	struct edu_host *host = container_of(file->private_data, struct edu_host, misc);

	/* misc_open() holds what misc_deregister() needs: the host is there. */
	kref_get(&host->ref);
	file->private_data = host;
	return 0;
}

static int edu_release(struct inode *inode, struct file *file)
{
	struct edu_host *host = file->private_data;

	kref_put(&host->ref, edu_host_free);
	return 0;
}

static const struct file_operations edu_fops = {
	.owner = THIS_MODULE,
	.open = edu_open,
	.release = edu_release,
	.read = edu_read,
	.write = edu_write,
	.unlocked_ioctl = edu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = default_llseek,
};

/**
 * edu_chardev_add() - let user programs in
 * @host: the device, started
 *
 * Context: Process, sleeps.
 * Return: 0 or an errno.
 */
int edu_chardev_add(struct edu_host *host)
{
	int ret;

	host->index = ida_alloc(&edu_indices, GFP_KERNEL);
	if (host->index < 0)
		return host->index;
	snprintf(host->name, sizeof(host->name), "wdmdma_edu%d", host->index);
	host->misc.minor = MISC_DYNAMIC_MINOR;
	host->misc.name = host->name;
	host->misc.fops = &edu_fops;
	host->misc.parent = host->dev;
	host->misc.mode = 0600;
	ret = misc_register(&host->misc);
	if (ret)
		ida_free(&edu_indices, host->index);
	return ret;
}

/**
 * edu_chardev_shut() - let no user program in any more
 * @host: the device; calls under way will soon end, if it still answers
 *
 * Context: Process, sleeps.
 */
void edu_chardev_shut(struct edu_host *host)
{
	misc_deregister(&host->misc);
	ida_free(&edu_indices, host->index);
	spin_lock_irq(&host->no_users.lock);
	host->gone = true;
	spin_unlock_irq(&host->no_users.lock);
	EduCancelAll(host->edu);
}

/**
 * edu_chardev_remove() - get user programs out
 * @host: the device, shut; afterwards no call of any is under way, nor will there be one
 *
 * Context: Process, sleeps.
 */
void edu_chardev_remove(struct edu_host *host)
{
	/* The calls see to it that this ends. */
	wait_event(host->no_users, !READ_ONCE(host->users));
}
