// SPDX-License-Identifier: GPL-2.0
/* A clock, a reset line and a power domain that hold built-in IOMMUs back until this module is loaded: by fw_devlink, and the domain by itself. */
#include <linux/clk-provider.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/pm_domain.h>
#include <linux/reset-controller.h>
#ifndef NAME
#define NAME "labclk"
#endif

static int labclk_reset(struct reset_controller_dev *rc, unsigned long id)
{
	return 0;
}

static const struct reset_control_ops labclk_reset_ops = { .reset = labclk_reset, .assert = labclk_reset, .deassert = labclk_reset };
static struct reset_controller_dev labclk_rc = { .ops = &labclk_reset_ops, .owner = THIS_MODULE, .nr_resets = 4 };

#ifdef CONFIG_PM_GENERIC_DOMAINS
static struct generic_pm_domain labclk_pd = { .name = NAME };

static int labclk_domain(struct device_node *np)
{
	return pm_genpd_init(&labclk_pd, NULL, false) ?: of_genpd_add_provider_simple(np, &labclk_pd);
}
#else
static int labclk_domain(struct device_node *np)
{
	return 0;
}
#endif

static int labclk_probe(struct platform_device *pdev)
{
	struct clk_hw *hw = clk_hw_register_fixed_rate(&pdev->dev, NAME, NULL, 0, 24000000);

	if (IS_ERR(hw))
		return PTR_ERR(hw);
	labclk_rc.of_node = pdev->dev.of_node;
	if (devm_reset_controller_register(&pdev->dev, &labclk_rc) || labclk_domain(pdev->dev.of_node))
		return -ENODEV;
	return devm_of_clk_add_hw_provider(&pdev->dev, of_clk_hw_simple_get, hw);
}

static const struct of_device_id labclk_match[] = { { .compatible = "lab," NAME }, { } };

static struct platform_driver labclk_driver = {
	.probe = labclk_probe,
	.driver = { .name = NAME, .of_match_table = labclk_match },
};
module_platform_driver(labclk_driver);
MODULE_LICENSE("GPL");
