// SPDX-License-Identifier: GPL-2.0
// The lab's init: mounts /proc, /sys, /dev and runs /script, one command a line. A trailing & = in a child of its own.
//   insmod FILE [PARAM...]     bind DRIVER DEVICE [BUS]    unbind DRIVER DEVICE [BUS]
//   sleep SECONDS              write FILE TEXT...          echo TEXT...        cat FILE
//   repeat N COMMAND...        run COMMAND...  (in a child, waited for; insmod, bind and unbind are always run so)
// The child's name is the command's, as with a shell. Ends with the line LAB-DONE and a power-off.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void command(char *line)
{
	char *w[16] = { 0 }, buf[4096];
	int n = 0;
	char *rest;

	if (!strncmp(line, "repeat ", 7)) {
		long k = strtol(line + 7, &rest, 10);
		while (k-- > 0) {
			char *copy = strdup(rest + 1);
			command(copy);
			free(copy);
		}
		return;
	}
	for (char *p = strtok(line, " "); p && n < 15; p = strtok(NULL, " "))
		w[n++] = p;
	if (!n)
		return;
	if (!strcmp(w[0], "sleep")) {
		double s = atof(w[1]);
		struct timespec t = { (time_t)s, (long)((s - (time_t)s) * 1e9) };
		nanosleep(&t, NULL);
	} else if (!strcmp(w[0], "insmod")) {
		char args[512] = "";
		int fd = open(w[1], O_RDONLY | O_CLOEXEC);
		for (int i = 2; i < n; i++) {
			strcat(args, w[i]);
			strcat(args, " ");
		}
		if (fd < 0 || syscall(SYS_finit_module, fd, args, 0))
			printf("insmod: %s: %s\n", w[1], strerror(errno));
	} else if (!strcmp(w[0], "bind") || !strcmp(w[0], "unbind")) {
		snprintf(buf, sizeof(buf), "/sys/bus/%s/drivers/%s/%s", w[3] ? w[3] : "platform", w[1], w[0]);
		put(buf, w[2]);
	} else if (!strcmp(w[0], "write") || !strcmp(w[0], "echo")) {
		int echo = w[0][0] == 'e';
		buf[0] = 0;
		for (int i = echo ? 1 : 2; i < n; i++) {
			strcat(buf, w[i]);
			if (i + 1 < n)
				strcat(buf, " ");
		}
		if (echo)
			puts(buf);
		else
			put(w[1], buf);
	} else if (!strcmp(w[0], "cat")) {
		int fd = open(w[1], O_RDONLY), k;
		while (fd >= 0 && (k = read(fd, buf, sizeof(buf))) > 0)
			if (write(1, buf, k) < 0)
				break;
		if (fd >= 0)
			close(fd);
	} else
		printf("init: unknown command %s\n", w[0]);
	fflush(stdout);
}

static void run(char *line)
{
	char *end = line + strlen(line), name[16] = "";
	int bg = 0, child;
	pid_t pid;

	while (end > line && (end[-1] == ' ' || end[-1] == '\n'))
		*--end = 0;
	if (end > line && end[-1] == '&') {
		bg = 1;
		do
			*--end = 0;
		while (end > line && end[-1] == ' ');
	}
	if (!strncmp(line, "run ", 4))
		line += 4, child = 1;
	else
		child = bg || !strncmp(line, "insmod", 6) || strstr(line, "bind ");
	if (!child) {
		command(line);
		return;
	}
	sscanf(line, "%15s", name);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NAME, strcmp(name, "insmod") ? "sh" : name);
		command(line);
		_exit(0);
	}
	if (!bg)
		waitpid(pid, NULL, 0);
}

int main(void)
{
	static char text[16384];
	int fd, n;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	fd = open("/script", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		puts("init: no /script");
	for (char *s, *next = text; (s = strsep(&next, "\n"));)
		if (*s && *s != '#')
			run(s);
	puts("LAB-DONE");
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
